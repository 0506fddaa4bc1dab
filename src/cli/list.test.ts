import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { runBench, temporaryFolder } from '../../fixtures/run-bench.ts'

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TWO_POINTS = /^depth: 2 points -> .*\n {2}depth_d1_c1_p1_f1_r2 {2}/m

test('points are listed before a project has a baseline', { timeout: 120_000 }, async () => {
  const dir = await temporaryFolder()
  const flags = ['--depth-max', '2', '--prover', './fixtures/provers/toy.ts']
  const gate = ['--baseline', join(dir, 'none.jsonl'), '--budget', 'ecc.totalCost=0%']
  const listed = await execa(
    process.execPath,
    [CLI, 'list', '--config', 'vitest.bench.config.ts', 'depth', '--', ...flags, ...gate],
    { cwd: ROOT, reject: false },
  )
  expect(listed.stderr).toBe('')
  expect(listed.stdout).toMatch(TWO_POINTS)
  expect(listed.exitCode).toBe(0)
  const planned = await runBench(dir, ['depth'], [...flags, ...gate, '--dry-run'])
  expect(planned.output).toMatch(TWO_POINTS)
  expect(planned.output).toMatch(/there is no baseline .*none\.jsonl/)
  expect(planned.exitCode).toBe(2)
})
