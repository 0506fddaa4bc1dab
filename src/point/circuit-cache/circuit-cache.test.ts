import { existsSync } from 'node:fs'
import { appendFile, mkdir, readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../../../fixtures/run-bench.ts'
import { circuitFolder, entryFolder, manifestPath, listCircuits } from './entries.ts'
import { restoreCircuit, type Compiled, storeCircuit } from './files.ts'

const MB = 2 ** 20
const ABOUT = {
  prover: { name: 'toy', version: '1' },
  model: 'm.onnx',
  circuit_sha256: 'c0',
  extra: { k: 1 },
}

let dir: string
beforeEach(async () => {
  dir = await temporaryFolder()
  vi.stubEnv('PROVEMARK_CACHE', join(dir, 'cache'))
})

/** Artifacts of a compile: a small file, and a large one in a folder. */
async function compile(name: string, bytes = 2 * MB): Promise<Compiled> {
  const own = join(dir, name)
  await mkdir(join(own, 'keys'), { recursive: true })
  await writeFile(join(own, 'circuit.bin'), `circuit of ${name}`)
  await writeFile(join(own, 'keys', 'pk'), Buffer.alloc(bytes, name))
  return { ...ABOUT, dir: own, timeS: null }
}

test('what was kept comes back as it was, in another folder', async () => {
  await storeCircuit('key', await compile('a'), 10 * MB)
  const copy = join(dir, 'copy')
  const restored = await restoreCircuit('key', copy)
  expect(restored).toMatchObject(ABOUT)
  expect(await readFile(join(copy, 'circuit.bin'), 'utf8')).toBe('circuit of a')
  expect((await readFile(join(copy, 'keys', 'pk'))).equals(Buffer.alloc(2 * MB, 'a'))).toBe(true)
  expect(await restoreCircuit('other', join(dir, 'none'))).toBe('missing')
})

test.each([
  ['a flipped byte', (files: string) => appendFile(join(files, 'keys/pk'), 'x')],
  ['a missing file', (files: string) => rename(join(files, 'circuit.bin'), join(files, 'elsewhere'))],
  ['a torn manifest', (files: string) => writeFile(manifestPath(join(files, '..')), '{"files":[')],
  [
    'a manifest that leads out of its folder',
    async (files: string) => {
      const path = manifestPath(join(files, '..'))
      const text = await readFile(path, 'utf8')
      await writeFile(path, text.replace('circuit.bin', '../../../../../../etc/hostname'))
    },
  ],
])('%s is noticed, and the entry goes', async (_, damage) => {
  await storeCircuit('key', await compile('a'), 10 * MB)
  await damage(join(entryFolder('key'), 'files'))
  const copy = join(dir, 'copy')
  expect(await restoreCircuit('key', copy)).toBe('damaged')
  expect(existsSync(copy)).toBe(false)
  expect(await restoreCircuit('key', copy)).toBe('missing')
  await storeCircuit('key', await compile('a'), 10 * MB)
  expect(await restoreCircuit('key', copy)).toMatchObject(ABOUT)
})

test('changing what came out of the cache does not change the cache', async () => {
  await storeCircuit('key', await compile('a'), 10 * MB)
  const copy = join(dir, 'copy')
  await restoreCircuit('key', copy)
  await writeFile(join(copy, 'keys/pk'), 'overwritten')
  expect(await restoreCircuit('key', join(dir, 'again'))).toMatchObject(ABOUT)
})

test('the entries that were not used the longest go when the limit is reached', async () => {
  const limit = 7 * MB
  for (const [age, name] of ['a', 'b', 'c'].entries()) {
    await storeCircuit(name, await compile(name), limit)
    const usedS = Date.now() / 1000 - 100 + age
    await utimes(manifestPath(entryFolder(name)), usedS, usedS)
  }
  await restoreCircuit('a', join(dir, 'used'))
  await storeCircuit('d', await compile('d'), limit)
  expect((await listCircuits()).map(({ key }) => key).toSorted()).toEqual(['a', 'c', 'd'])
  await storeCircuit('huge', await compile('huge', 8 * MB), limit)
  expect((await listCircuits()).map(({ key }) => key).toSorted()).toEqual(['a', 'c', 'd'])
})

test('a measured compile is kept only where that takes little of its time', async () => {
  await storeCircuit('quick', { ...(await compile('a')), timeS: 2 }, 10 * MB)
  await storeCircuit('slow', { ...(await compile('b')), timeS: 60 }, 10 * MB)
  expect((await listCircuits()).map(({ key }) => key)).toEqual(['slow'])
})

test('what a killed process left unfinished is no entry, and goes after a day', async () => {
  const unfinished = join(circuitFolder(), 'key.123-abc.tmp')
  await mkdir(unfinished, { recursive: true })
  await storeCircuit('key', await compile('a'), 10 * MB)
  expect(await readdir(circuitFolder())).toHaveLength(2)
  expect((await listCircuits()).map(({ key }) => key)).toEqual(['key'])
  await utimes(unfinished, 0, 0)
  await storeCircuit('other', await compile('b'), 10 * MB)
  expect((await readdir(circuitFolder())).toSorted()).toEqual(['key', 'other'])
})

test('a cache that cannot be written is no failure', async () => {
  await writeFile(join(dir, 'cache'), 'in the way')
  await storeCircuit('key', await compile('a'), 10 * MB)
  expect(await restoreCircuit('key', join(dir, 'copy'))).toBe('missing')
})
