import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { runJudge } from '../../scripts/judges/judge.ts'

test('a model without end is given up after a minute, and the run goes on', async () => {
  const dir = await temporaryFolder()
  runJudge('make_hostile_models.py', [dir])
  const models = ['endless', 'growing', 'trapping'].flatMap((name) => ['--model', join(dir, `${name}.onnx`)])
  const flags = [...models, '--prover', './fixtures/provers/constant.ts', '--iterations', '1']
  const { rows, exitCode } = await runBench(dir, ['models'], flags)
  const verifies = rows.filter(({ phase }) => phase === 'verify')
  expect(verifies.map(({ point, status }) => `${point} ${status}`).toSorted()).toEqual([
    'endless ok',
    'growing ok',
    'trapping ok',
  ])
  const warnings = verifies.flatMap((row) => row.warnings ?? []).join('\n')
  expect(warnings).toContain('onnxruntime took longer than 60 s')
  expect(warnings).toContain('onnxruntime needs more than the 2048 MB that it may take')
  // The time for the model is not part of any figure.
  for (const { time_s } of verifies) expect(time_s).toBeLessThan(60)
  expect(exitCode).toBe(0)
})
