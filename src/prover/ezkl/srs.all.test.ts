import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../fixtures/run-bench.ts'
import { digestFile } from '../../lib/files.ts'
import { generateCnn } from '../../model/generate/cnn.ts'
import { generateInput } from '../../model/input.ts'
import { writeModel } from '../../model/write.ts'
import { ezkl } from '../ezkl.ts'

const RUNNER = join(import.meta.dirname, 'runner.py')
const SHAPE = [1, 4, 8, 8]
const TINY = { depth: 1, in_ch: 4, input_hw: 8, conv_out_ch: 4, fc_hidden: 16, n_actions: 10, pool_cap: 1 }

test('an SRS stays as it was first made, whoever makes one meanwhile', { timeout: 600_000 }, async () => {
  const { bin } = await ezkl.locate({})
  const dir = await temporaryFolder()
  const { path: model } = writeModel(join(dir, 'model.onnx'), generateCnn({ ...TINY, seed: 42 }))
  const input = join(dir, 'input.json')
  await writeFile(input, JSON.stringify({ input_data: [[...generateInput(SHAPE, { seed: 42 })]] }))
  const srs = join(dir, 'kzg15.srs')
  const prepare = () =>
    execa(bin, [RUNNER, 'prepare', '--model', model, '--input', input, '--srs-dir', dir], { cwd: dir })

  const both = [prepare(), prepare()]
  while (!existsSync(srs)) await sleep(10)
  const first = await digestFile(srs)
  for (const { stdout } of await Promise.all(both)) expect(stdout).toMatch(/srs_time_s=0?\.?\d/)
  // Keys that were made from it would not fit any other.
  expect(await digestFile(srs)).toBe(first)
})
