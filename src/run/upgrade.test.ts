import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { BENCH, CONFIG } from '../../fixtures/0.1.0/project.ts'
import { provemark } from '../../fixtures/gate-command.ts'
import { makeProject } from '../../fixtures/make-project.ts'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { readRows } from '../index.ts'

const FOLDER = join(import.meta.dirname, '../../fixtures/0.1.0')
const ROWS = join(FOLDER, 'rows.jsonl')

test('rows of 0.1.0 are read whole, summarized, reported and judged against a baseline of 0.1.0', async () => {
  const rows = await Array.fromAsync(readRows(ROWS))
  expect(rows.map(({ phase, status }) => `${phase} ${status}`)).toEqual(
    Array.from({ length: 2 }, () => [
      'compile ok',
      'witness ok',
      'prove ok',
      'prove ok',
      'prove ok',
      'verify ok',
    ]).flat(),
  )
  const dir = await temporaryFolder()
  copyFileSync(ROWS, join(dir, 'rows.jsonl'))
  copyFileSync(join(FOLDER, 'baseline.jsonl'), join(dir, 'baseline.jsonl'))
  const summary = await provemark(['summary', 'rows.jsonl', '--json'], {}, dir)
  expect(summary.exitCode).toBe(0)
  expect(summary.stdout).toContain('"depth_d2_c2_p2_f1_r3"')
  const limits = [
    '--budget',
    'ecc.totalCost=0%',
    '--budget',
    'proof_size_bytes=0%',
    '--budget',
    'pk_size_bytes=0%',
  ]
  const gate = await provemark(['gate', 'rows.jsonl', '--baseline', 'baseline.jsonl', ...limits], {}, dir)
  expect(gate.exitCode).toBe(0)
  expect((await provemark(['report', 'rows.jsonl', '-o', 'page.html'], {}, dir)).exitCode).toBe(0)
  const update = await provemark(['baseline', 'update', 'rows.jsonl', '--out', 'baseline.jsonl'], {}, dir)
  expect(update.exitCode).toBe(0)
})

test('a config and a bench file of 0.1.0 plan the same points', async () => {
  const dir = await makeProject({ 'vitest.config.ts': CONFIG, 'bench/mine.bench.ts': BENCH })
  const { all, exitCode } = await execa('npx', ['vitest', 'bench', '--', '--dry-run'], {
    cwd: dir,
    all: true,
    reject: false,
    stdin: 'ignore',
    env: { NO_COLOR: '1' },
  })
  expect(all).toContain('depth_d1_c1_p1_f1_r2')
  expect(all).toContain('breadth_h8_d1_c1_p1_f1_r2')
  expect(exitCode).toBe(0)
})
