import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readRowsOf, runBench, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import type { Row } from '../row/schema.ts'

const TOY = './fixtures/provers/toy.ts'
const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']

/** The statuses of each phase in iteration order: `prove: ok skipped ok`. */
const outline = (rows: Row[]) =>
  [...Map.groupBy(rows, ({ phase }) => phase)].map(
    ([phase, own]) => `${phase}: ${own.map(({ status }) => status).join(' ')}`,
  )

test('a point runs its four phases, one row each, and every row says what it is', async () => {
  const dir = await temporaryFolder()
  const { exitCode, rows, output } = await runBench(
    dir,
    ['depth'],
    ['--prover', TOY, '--iterations', '1', ...TINY],
  )
  expect(output).toContain('depth_d1_c1_p1_f1_r2')
  expect(outline(rows)).toEqual(['compile: ok', 'witness: ok', 'prove: ok', 'verify: ok'])
  expect(rows[0]).toMatchObject({
    schema: 1,
    track: 'depth',
    point: 'depth_d1_c1_p1_f1_r2',
    params: { depth: 1, input_hw: 8, conv_out_ch: 2, seed: 42 },
    prover: { name: 'toy', version: '1.2.3' },
    return_code: 0,
    time_source: 'wall',
    time_s_rust: 0.01,
    ecc: { numConstraints: 1000, totalCost: 2000 },
    circuit_size_bytes: 1064,
  })
  expect(rows.map(({ proof_size_bytes }) => proof_size_bytes)).toEqual([undefined, undefined, 64, 64])
  expect(new Set(rows.map(({ run_id }) => run_id)).size).toBe(1)
  expect(new Set(rows.map(({ circuit_sha256 }) => circuit_sha256)).size).toBe(1)
  for (const row of rows) expect(row.time_s).toBeGreaterThan(0.01)
  for (const row of rows) expect(row.mem_mb).toBeGreaterThan(10)
  expect(exitCode).toBe(0)
})

test('a second run appends under its own run_id', async () => {
  const dir = await temporaryFolder()
  const flags = ['--prover', TOY, '--iterations', '1', ...TINY]
  await runBench(dir, ['depth'], flags)
  const { rows } = await runBench(dir, ['depth'], flags)
  expect(rows).toHaveLength(8)
  expect(new Set(rows.map(({ run_id }) => run_id)).size).toBe(2)
})

test('iterations by phase: with fewer compiles than proves, the last compile serves', async () => {
  const dir = await temporaryFolder()
  const iterations = 'compile=2,witness=1,prove=3,verify=1'
  const { exitCode, rows } = await runBench(
    dir,
    ['depth'],
    ['--prover', TOY, '--iterations', iterations, ...TINY],
  )
  const count = (phase: string) => rows.filter((row) => row.phase === phase && row.status === 'ok').length
  expect(['compile', 'witness', 'prove', 'verify'].map(count)).toEqual([2, 1, 3, 1])
  expect(exitCode).toBe(0)
})

test('a failed iteration leaves a row and skips only its own later phases', async () => {
  const dir = await temporaryFolder()
  const prover = `${TOY},fail=witness:2,journal=${join(dir, 'journal')}`
  const { exitCode, rows, output } = await runBench(
    dir,
    ['depth'],
    ['--prover', prover, '--iterations', '3', ...TINY],
  )
  expect(outline(rows)).toEqual([
    'compile: ok ok ok',
    'witness: ok failed ok',
    'prove: ok skipped ok',
    'verify: ok skipped ok',
  ])
  const failed = rows.find(({ status }) => status === 'failed')
  expect(failed).toMatchObject({ return_code: 3, error: { code: 'PHASE_FAILED' } })
  expect(failed?.error?.tail).toContain('witness was told to fail')
  expect(rows.find(({ status }) => status === 'skipped')).toMatchObject({
    return_code: null,
    time_s: null,
    error: { code: 'EARLIER_PHASE_FAILED', message: 'witness of iteration 2 ended as failed' },
  })
  expect(output).toContain('witness was told to fail')
  expect(exitCode).toBe(1)
})

test('a failed point does not stop the next one', async () => {
  const dir = await temporaryFolder()
  const prover = `${TOY},fail=compile:1,journal=${join(dir, 'journal')}`
  const flags = ['--prover', prover, '--iterations', '1', ...TINY, '--depth-max', '2']
  const { exitCode, rows } = await runBench(dir, ['depth'], flags)
  expect(rows.map(({ status }) => status)).toEqual([
    'failed',
    'skipped',
    'skipped',
    'skipped',
    'ok',
    'ok',
    'ok',
    'ok',
  ])
  expect(exitCode).toBe(1)
})

test('an exit code of 0 without the artifact is a failure; a missing counter is named', async () => {
  const dir = await temporaryFolder()
  const forgets = await runBench(
    dir,
    ['depth'],
    ['--prover', `${TOY},forget=compile`, '--iterations', '1', ...TINY],
  )
  expect(forgets.rows[0]).toMatchObject({
    status: 'failed',
    return_code: 0,
    error: { code: 'ARTIFACT_MISSING' },
  })
  expect(forgets.exitCode).toBe(1)
  const other = await temporaryFolder()
  const silent = await runBench(
    other,
    ['depth'],
    ['--prover', `${TOY},silent=1`, '--iterations', '1', ...TINY],
  )
  expect(silent.rows[0]?.warnings).toContain('COUNTER_MISSING: totalCost was not printed')
})

test('sampling repeats a phase until its median is known, and compiles once', async () => {
  const dir = await temporaryFolder()
  const flags = ['--prover', TOY, '--sampling', 'target=0.001,min=6,max=8', '--iterations', '3', ...TINY]
  const { exitCode, rows, output } = await runBench(dir, ['depth'], flags)
  const counts = Map.groupBy(rows, ({ phase }) => phase)
  expect(counts.get('compile')).toHaveLength(1)
  expect(counts.get('prove')).toHaveLength(8)
  expect(counts.get('prove')![0]!.settings).toMatchObject({ sampling: { target: 0.001, max: 8 } })
  expect(counts.get('compile')![0]!.settings).not.toHaveProperty('sampling')
  expect(output).toMatch(/prove.*8/)
  expect(exitCode).toBe(0)
})

test('tracks run in their order, whatever the order of the files', async () => {
  const dir = await temporaryFolder()
  const points = 'lenet,depth_d1_c1_p1_f1_r2,breadth_h8_d2_c2_p2_f1_r3'
  const flags = ['--input-hw-list', '8', '--iterations', '1', '--points', points]
  const { rows } = await runBench(dir, [], ['--prover', TOY, ...flags])
  expect([...new Set(rows.map(({ track }) => track))]).toEqual(['lenet', 'depth', 'breadth'])
})

test('-t runs the phases that the filter left out, unrecorded', async () => {
  const dir = await temporaryFolder()
  const { exitCode, rows, output } = await runBench(dir, ['depth', '-t', 'prove'], ['--prover', TOY, ...TINY])
  expect(outline(rows)).toEqual(['prove: ok ok ok'])
  expect(output).toContain('ran unrecorded, since prove needs them: compile, witness')
  expect(exitCode).toBe(0)
})

test('a run that makes no row ends with 2', async () => {
  const dir = await temporaryFolder()
  const { exitCode, output } = await runBench(dir, ['models'], ['--prover', TOY])
  expect(output).toContain('NO_ROWS')
  expect(exitCode).toBe(2)
})

test('Ctrl+C ends the prover, keeps the finished rows, prints the card and ends with 130', async () => {
  const dir = await temporaryFolder()
  const journal = join(dir, 'journal')
  const flags = ['--prover', `${TOY},hang=prove,journal=${journal}`, '--iterations', '1', ...TINY]
  const run = startBench(dir, ['depth'], flags, { detached: true })
  // The prove journals its start; from then on it can be ended.
  while (!(await readFile(journal, 'utf8').catch(() => '')).includes('prove')) await sleep(50)
  process.kill(-run.pid!, 'SIGINT')
  const { exitCode, all } = await run
  const rows = await readRowsOf(dir)
  expect(outline(rows)).toEqual(['compile: ok', 'witness: ok', 'prove: cancelled'])
  expect(String(all)).toContain('compile')
  expect(exitCode).toBe(130)
})
