import { createHash } from 'node:crypto'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { writeExternalModel } from '../../fixtures/external-model.ts'
import { digestModel, readModel } from './file.ts'
import { generateLenet } from './generate/cnn.ts'
import { writeModel } from './write.ts'

const folder = mkdtempSync(join(tmpdir(), 'provemark-digest-'))
afterAll(() => rmSync(folder, { recursive: true }))

function place(name: string): string {
  mkdirSync(join(folder, name, 'sub'), { recursive: true })
  return join(folder, name, 'm.onnx')
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
const lenet = () => generateLenet({ seed: 1 })

test('of a model in one file it is that of the file', async () => {
  const { path } = writeModel(place('alone'), lenet())
  expect(await digestModel(path)).toBe(sha256(path))
})

test('it covers every file with values, in folders below too', async () => {
  const locations = ['w.bin', 'sub/v.bin']
  const path = writeExternalModel(place('several'), lenet(), locations)
  const digests = [await digestModel(path)]
  for (const location of locations) {
    const file = join(folder, 'several', location)
    const bytes = readFileSync(file)
    for (const at of [0, bytes.length - 1]) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 0x80
      writeFileSync(file, changed)
      digests.push(await digestModel(path))
    }
    writeFileSync(file, bytes)
  }
  expect(new Set(digests).size).toBe(5)
  expect(digests).not.toContain(sha256(path))
  expect(await digestModel(path)).toBe(digests[0])
})

test('what lies beside the model and holds none of its values does not count', async () => {
  const path = writeExternalModel(place('beside'), lenet(), ['w.bin'])
  const before = await digestModel(path)
  appendFileSync(join(folder, 'beside', 'README.md'), 'new')
  expect(await digestModel(path)).toBe(before)
})

test('a file that is missing or leads out is named, and nothing of it is read', async () => {
  const path = writeExternalModel(place('missing'), lenet(), ['w.bin'])
  const data = join(folder, 'missing', 'w.bin')
  renameSync(data, join(folder, 'secret.bin'))
  await expect(digestModel(path)).rejects.toMatchObject({
    code: 'MODEL_UNREADABLE',
    message: expect.stringMatching(/external data cannot be read: ENOENT.*w\.bin/),
  })
  symlinkSync('../secret.bin', data)
  await expect(digestModel(path)).rejects.toMatchObject({
    message: expect.stringContaining("w.bin is a link that leads out of the model's folder"),
    hint: expect.stringContaining(`cp -rL ${join(folder, 'missing')} COPY`),
  })
})

/** As in the cache of Hugging Face: file names are links to blobs that are named by digest. */
function makeHub(name: string): { path: string; hub: string } {
  const snapshot = join(folder, name, 'snapshots', 'abc', 'onnx')
  const blobs = join(folder, name, 'blobs')
  for (const dir of [snapshot, blobs]) mkdirSync(dir, { recursive: true })
  const path = writeExternalModel(join(snapshot, 'm.onnx'), lenet(), ['w.bin'])
  for (const file of ['m.onnx', 'w.bin']) {
    renameSync(join(snapshot, file), join(blobs, `sha-${file}`))
    symlinkSync(`../../../blobs/sha-${file}`, join(snapshot, file))
  }
  return { path, hub: join(folder, name) }
}

test('data that is a link beside the real place of a linked model is followed', async () => {
  const plain = writeExternalModel(place('plain'), lenet(), ['w.bin'])
  const { path } = makeHub('hub')
  expect(await digestModel(path)).toBe(await digestModel(plain))
  expect(readModel(path)).toEqual(readModel(plain))
})

test('a link that leads past it is refused', async () => {
  const { path, hub } = makeHub('leading')
  renameSync(join(hub, 'blobs', 'sha-w.bin'), join(folder, 'elsewhere.bin'))
  symlinkSync('../../elsewhere.bin', join(hub, 'blobs', 'sha-w.bin'))
  await expect(digestModel(path)).rejects.toMatchObject({
    message: expect.stringContaining('leads out'),
  })
  expect(() => readModel(path)).toThrow('leads out')
})
