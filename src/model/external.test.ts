import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { DATA_TYPE, encodeModel, makeModel } from './onnx.ts'
import { readTensor } from './tensor.ts'
import { makeMessage } from './proto/schema.ts'
import { readModel } from './file.ts'
import { summarizeModel } from './summary.ts'

const outside = mkdtempSync(join(tmpdir(), 'provemark-external-'))
afterAll(() => rmSync(outside, { recursive: true }))

const folder = join(outside, 'model')
mkdirSync(join(folder, 'sub'), { recursive: true })
const weights = Buffer.from(Float32Array.of(9, 1, 2, 3).buffer)
writeFileSync(join(outside, 'secret.bin'), weights)
writeFileSync(join(folder, 'w.bin'), weights)
writeFileSync(join(folder, 'sub', 'w.bin'), weights)
symlinkSync('w.bin', join(folder, 'inner.bin'))
symlinkSync('../secret.bin', join(folder, 'leading-out.bin'))
symlinkSync('..', join(folder, 'up'))

function store(entries: Record<string, string>, dims = [3]): string {
  const external_data = Object.entries(entries).map(([key, value]) =>
    makeMessage('StringStringEntryProto', { key, value }),
  )
  const tensor = makeMessage('TensorProto', {
    name: 'w',
    dims,
    data_type: DATA_TYPE.FLOAT,
    external_data,
    data_location: 1,
  })
  const path = join(folder, 'm.onnx')
  writeFileSync(path, encodeModel(makeModel({ initializer: [tensor] })))
  return path
}

test.each(['w.bin', 'sub/w.bin', './w.bin', 'inner.bin'])('%s is read', (location) => {
  const path = store({ location, offset: '4', length: '12' })
  expect([...readTensor(readModel(path).graph!.initializer[0]!).data]).toEqual([1, 2, 3])
})

test('offset and length may be left out', () => {
  const path = store({ location: 'w.bin' }, [2, 2])
  expect([...readTensor(readModel(path).graph!.initializer[0]!).data]).toEqual([9, 1, 2, 3])
})

test.each([
  [{ location: '../secret.bin' }, "is outside the model's folder"],
  [{ location: 'sub/../../secret.bin' }, "is outside the model's folder"],
  [{ location: 'sub\\..\\..\\secret.bin' }, "is outside the model's folder"],
  [{ location: join(outside, 'secret.bin') }, "is outside the model's folder"],
  [{ location: 'w.bin\0.txt' }, "is outside the model's folder"],
  [{ location: 'leading-out.bin' }, "is a link that leads out of the model's folder"],
  [{ location: 'up/secret.bin' }, "is a link that leads out of the model's folder"],
  [{ location: 'none.bin' }, 'cannot be read'],
  [{ location: 'sub' }, 'sub is not a regular file'],
  [{ location: '' }, 'does not say where its values are'],
  [{ offset: '0' }, 'does not say where its values are'],
  [{ location: 'w.bin', offset: '-4' }, 'does not say where its values are'],
  [{ location: 'w.bin', offset: '1e3' }, 'does not say where its values are'],
  [{ location: 'w.bin', offset: '8' }, 'has 16 bytes, 20 are needed'],
  [{ location: 'w.bin', length: '16' }, 'its shape needs 12 bytes, 16 are given'],
])('%o is refused', (entries, message) => {
  const path = store(entries)
  expect(() => readModel(path)).toThrow(
    expect.objectContaining({ code: 'MODEL_UNREADABLE', message: expect.stringContaining(message) }),
  )
})

test('no amount of external data is read into memory', async () => {
  const huge = join(folder, 'huge.bin')
  writeFileSync(huge, '')
  truncateSync(huge, 2 ** 34)
  const path = store({ location: 'huge.bin' }, [2 ** 30])
  expect(() => readModel(path)).toThrow(expect.objectContaining({ code: 'MODEL_UNSUPPORTED' }))
  expect((await summarizeModel(path)).initializers.external).toEqual({
    count: 1,
    params: 2 ** 30,
    bytes: 2 ** 32,
  })
  const impossible = store({ location: 'huge.bin' }, [2 ** 40, 2 ** 40])
  expect(() => readModel(impossible)).toThrow('has the impossible shape [1099511627776, 1099511627776]')
})
