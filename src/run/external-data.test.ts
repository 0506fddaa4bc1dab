import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeExternalModel } from '../../fixtures/external-model.ts'
import { readRowsOf, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { cacheDir } from '../lib/cache.ts'
import { generateCnn } from '../model/generate/cnn.ts'

test('other weights in a file beside the model are another model: for the cache of circuits, the rows and --resume', async () => {
  const dir = await temporaryFolder()
  const cache = join(dir, 'cache')
  const [snapshot, blobs] = [join(dir, 'hub', 'snapshots', 'abc'), join(dir, 'hub', 'blobs')]
  for (const folder of [cache, snapshot, blobs]) mkdirSync(folder, { recursive: true })
  if (existsSync(cacheDir('bin'))) symlinkSync(cacheDir('bin'), join(cache, 'bin'))
  const model = generateCnn({
    depth: 1,
    in_ch: 1,
    input_hw: 8,
    conv_out_ch: 2,
    fc_hidden: 4,
    n_actions: 3,
    seed: 1,
  })
  const path = writeExternalModel(join(snapshot, 'm.onnx'), model, ['m.onnx.data'])
  // As in the Hugging Face cache: both files are links.
  for (const name of ['m.onnx', 'm.onnx.data']) {
    renameSync(join(snapshot, name), join(blobs, name))
    symlinkSync(`../../blobs/${name}`, join(snapshot, name))
  }
  const bench = async (flags: string[] = []) => {
    const own = ['--model', path, '--prover', './fixtures/provers/toy.ts', ...flags]
    const env = { PROVEMARK_CIRCUIT_CACHE_MB: '64', PROVEMARK_CACHE: cache }
    const { all, exitCode } = await startBench(dir, ['models', '-t', 'verify'], own, { env })
    return { output: String(all), exitCode, rows: await readRowsOf(dir) }
  }
  const changeWeights = () => {
    const file = join(blobs, 'm.onnx.data')
    const bytes = readFileSync(file)
    bytes[3]! ^= 0x80
    writeFileSync(file, bytes)
  }

  expect(await bench()).toMatchObject({
    exitCode: 0,
    output: expect.not.stringContaining('from the cache'),
  })
  expect(await bench()).toMatchObject({ exitCode: 0, output: expect.stringContaining('from the cache') })
  changeWeights()
  const third = await bench()
  expect(third).toMatchObject({ exitCode: 0, output: expect.not.stringContaining('from the cache') })
  const digests = third.rows.map(({ model_sha256 }) => model_sha256)
  expect(digests[0]).toBe(digests[1])
  expect(digests.at(-1)).not.toBe(digests[0])

  changeWeights()
  const { exitCode, output, rows } = await bench(['--resume'])
  expect(exitCode).toBe(2)
  expect(output).toMatch(/PLAN_CHANGED: run .* was measured on other files\n.*m\.onnx: SHA-256 /)
  expect(rows).toHaveLength(third.rows.length)
})
