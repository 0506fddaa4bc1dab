import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { generateLenet } from './generate/cnn.ts'
import { writeModel } from './write.ts'

const folder = mkdtempSync(join(tmpdir(), 'provemark-write-'))
afterAll(() => rmSync(folder, { recursive: true }))

const LENET_SHA256 = '0640886bdaf922028e59c2aa0d9990b694a7ad1d5e43c48df938ddda849b0f7e'

test('a model is written into folders made as needed, with its digest and its size', () => {
  const path = join(folder, 'a b/$(c)', 'lenet.onnx')
  const written = writeModel(path, generateLenet({ seed: 42 }))
  expect(written).toEqual({ path, sha256: LENET_SHA256, param_count: 62_006 })
  expect(readFileSync(path).equals(readFileSync('fixtures/lenet.onnx'))).toBe(true)
  expect(readdirSync(join(folder, 'a b/$(c)'))).toEqual(['lenet.onnx'])
})

test('a file with the same bytes is not touched, another one of ours is replaced', () => {
  const path = join(folder, 'again.onnx')
  writeModel(path, generateLenet({ seed: 42 }))
  utimesSync(path, 1, 1)
  writeModel(path, generateLenet({ seed: 42 }))
  expect(statSync(path).mtimeMs).toBe(1000)
  const { sha256 } = writeModel(path, generateLenet({ seed: 1 }))
  expect(sha256).not.toBe(LENET_SHA256)
  expect(statSync(path).mtimeMs).toBeGreaterThan(1000)
})

test.each([
  ['a model of someone else', Buffer.from([0x08, 8, 0x12, 1, 0x78, 0x3a, 0])],
  ['a file that is no model', Buffer.from('my notes')],
  ['an empty file', Buffer.alloc(0)],
])('%s is not replaced', (_, bytes) => {
  const path = join(folder, 'foreign.onnx')
  writeFileSync(path, bytes)
  expect(() => writeModel(path, generateLenet({ seed: 42 }))).toThrow(
    expect.objectContaining({ code: 'FILE_EXISTS' }),
  )
  expect(readFileSync(path).equals(bytes)).toBe(true)
})

test('a path that cannot be written is an error with a code, and leaves nothing behind', () => {
  const path = join(folder, 'file', 'lenet.onnx')
  writeFileSync(join(folder, 'file'), 'in the way')
  const before = readdirSync(folder)
  expect(() => writeModel(path, generateLenet({ seed: 42 }))).toThrow(
    expect.objectContaining({ code: 'FILE_UNWRITABLE' }),
  )
  expect(readdirSync(folder)).toEqual(before)
})
