import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inLanes } from '../../fixtures/in-lanes.ts'
import { readRowsOf, runBench, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { generateCnn } from '../model/generate/cnn.ts'
import { writeModel } from '../model/write.ts'
import { collectRows } from '../../fixtures/collect-rows.ts'
import type { Row } from '../row/schema.ts'

const TOY = './fixtures/provers/toy.ts'
const TINY = ['--depth-max', '2', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
const PHASES = ['compile', 'witness', 'prove', 'verify']

const nameOf = ({ point, phase, iteration }: Row) => `${point} ${phase} ${iteration}`

/** Every row of a full run of the two points with three iterations of each phase, in file order. */
const WHOLE = ['depth_d1_c1_p1_f1_r2', 'depth_d2_c2_p2_f1_r3'].flatMap((point) =>
  PHASES.flatMap((phase) => [1, 2, 3].map((iteration) => `${point} ${phase} ${iteration}`)),
)

/** What the toy prover has run so far. */
const readJournal = async (journal: string) =>
  (await readFile(journal, 'utf8').catch(() => '')).split('\n').filter(Boolean)

/** Starts a run and ends it with Ctrl+C once its prover has been started this often; the last start hangs. */
async function interrupt(dir: string, flags: string[], journal: string, starts: number): Promise<void> {
  const run = startBench(dir, ['depth'], flags, { detached: true })
  while ((await readJournal(journal)).length < starts) await sleep(50)
  process.kill(-run.pid!, 'SIGINT')
  await run
}

test('after Ctrl+C a run goes on with its own id: nothing runs twice, no row is doubled', async () => {
  const dir = await temporaryFolder()
  const journal = join(dir, 'journal')
  const flags = ['--prover', `${TOY},hang=prove:2,journal=${journal}`, '--iterations', '3', ...TINY]
  // Three compiles, three witnesses and one prove have finished when the second prove hangs.
  await interrupt(dir, flags, journal, 7 + 1)
  const before = await readRowsOf(dir)
  expect(before.at(-1)).toMatchObject({ phase: 'prove', iteration: 2, status: 'cancelled' })
  const ranBefore = (await readJournal(journal)).length

  const { exitCode, rows, output } = await runBench(dir, ['depth'], [...flags, '--resume'])
  expect(output).toContain(`run ${before[0]!.run_id} goes on: 7 rows stay, 1 are moved`)
  expect(rows.map(({ status }) => status)).toEqual(rows.map(() => 'ok'))
  expect(rows.map(nameOf).toSorted()).toEqual(WHOLE.toSorted())
  expect(rows.slice(0, 7)).toEqual(before.slice(0, 7))
  expect(new Set(rows.map(({ run_id }) => run_id))).toEqual(new Set([before[0]!.run_id]))
  expect(new Set(rows.map(({ plan_sha256 }) => plan_sha256)).size).toBe(1)
  // One compile and one witness ran unrecorded for the remaining proves. Verify 1 uses a proof of this process.
  expect(output).toContain('ran unrecorded, since prove needs them: compile, witness')
  expect((await readJournal(journal)).slice(ranBefore, ranBefore + 7)).toEqual(
    'compile witness prove prove verify verify verify'.split(' '),
  )
  const retried = (await readFile(join(dir, 'rows.jsonl.retried'), 'utf8')).trim()
  expect(JSON.parse(retried)).toEqual(before.at(-1))
  // The card covers the whole run.
  expect(output).toMatch(/prove +│ 3 │/)
  expect(exitCode).toBe(0)

  const again = await runBench(dir, ['depth'], [...flags, '--resume'])
  expect(again.rows).toEqual(rows)
  expect(again.output).toContain('24 rows stay')
  expect(again.output).toMatch(/prove +│ 3 │/)
  expect(again.exitCode).toBe(0)
})

/** Number of kills. The run is resumed after each, and a new run starts after this many. */
const KILLS = Number(process.env['PROVEMARK_TEST_KILLS'] ?? 4)
const KILLS_OF_RUN = Math.min(50, KILLS)

test(
  'killed again and again at random, a run that is resumed ends with each row once',
  { timeout: 60_000 * KILLS },
  async () => {
    const runs = Math.ceil(KILLS / KILLS_OF_RUN)
    const killed: number[] = []
    await inLanes(runs, async (lane) => void killed.push(await killAgainAndAgain(lane, KILLS_OF_RUN)))
    expect(killed).toEqual(Array.from({ length: runs }, () => KILLS_OF_RUN))
  },
)

/** Returns how many kills hit a running benchmark: a run that has all its rows ends by itself. */
async function killAgainAndAgain(lane: number, kills: number): Promise<number> {
  const dir = await temporaryFolder()
  // Twice as many rows as are expected between the kills.
  const iterations = Math.max(2, kills)
  const flags = ['--prover', `${TOY},sleep_ms=30`, '--iterations', `${iterations}`, ...TINY, '--resume']
  const seen = new Map<string, Row>()
  let killed = 0
  for (let i = 0; i < kills; i++) {
    const known = (await readRowsOf(dir)).length
    const run = startBench(dir, ['depth'], flags, { detached: true })
    const state = { hasEnded: false }
    const end = run.then(() => (state.hasEnded = true))
    while (!state.hasEnded && (await readRowsOf(dir)).length === known) await sleep(20)
    await sleep((i * 37 + lane * 53) % 200)
    if (!state.hasEnded) killed += Number(process.kill(-run.pid!, 'SIGKILL'))
    await end
    for (const row of await readRowsOf(dir)) seen.set(nameOf(row), row)
  }
  const { exitCode } = await runBench(dir, ['depth'], flags)
  const { rows, problems } = await collectRows(join(dir, 'rows.jsonl'))
  expect(problems).toEqual([])
  expect(rows.every(({ status }) => status === 'ok')).toBe(true)
  expect(new Set(rows.map(nameOf)).size).toBe(rows.length)
  expect(rows).toHaveLength(2 * 4 * iterations)
  // A row that survived a kill stays unchanged to the end and is not measured again.
  expect(rows.filter((row) => seen.has(nameOf(row)))).toEqual([...seen.values()])
  expect(new Set(rows.map(({ run_id }) => run_id)).size).toBe(1)
  expect(exitCode).toBe(0)
  return killed
}

test('a run that is still going cannot be resumed, and the attempt costs it nothing', async () => {
  const dir = await temporaryFolder()
  const flags = ['--prover', `${TOY},hang=prove`, '--iterations', '1', ...TINY, '--depth-max', '1']
  const run = startBench(dir, ['depth'], flags, { detached: true })
  while ((await readRowsOf(dir)).length < 2) await sleep(50)
  const before = await readRowsOf(dir)
  const { output, exitCode, rows } = await runBench(dir, ['depth'], [...flags, '--resume'])
  expect(output).toContain('RUN_LOCKED')
  expect(output).toContain(`run ${before[0]!.run_id} is still going: process ${run.pid} is running it`)
  expect(exitCode).toBe(2)
  expect(rows).toEqual(before)
  expect(existsSync(join(before[0]!.tmpdir!, 'circuit.txt'))).toBe(true)
  process.kill(-run.pid!, 'SIGINT')
  expect((await run).exitCode).toBe(130)
})

test('what failed stays, or runs again where that is wanted', async () => {
  const dir = await temporaryFolder()
  const prover = `${TOY},fail=witness:2,journal=${join(dir, 'journal')}`
  const flags = ['--prover', prover, '--iterations', '3', ...TINY, '--depth-max', '1']
  const first = await runBench(dir, ['depth'], flags)
  expect(first.rows.filter(({ status }) => status !== 'ok')).toHaveLength(3)
  const kept = await runBench(dir, ['depth'], [...flags, '--resume'])
  expect(kept.rows).toEqual(first.rows)
  expect(kept.output).toContain('witness was told to fail')
  expect(kept.exitCode).toBe(1)
  const retried = await runBench(dir, ['depth'], [...flags, '--resume', '--retry-failed'])
  expect(retried.output).toContain('9 rows stay, 3 are moved')
  expect(retried.rows.every(({ status }) => status === 'ok')).toBe(true)
  expect(retried.rows.map(nameOf).toSorted()).toEqual(WHOLE.slice(0, 12).toSorted())
  expect(retried.exitCode).toBe(0)
  const alone = await runBench(dir, ['depth'], [...flags, '--retry-failed'])
  expect(alone.output).toContain('--retry-failed: expected --resume with it')
  expect(alone.exitCode).toBe(2)
})

test('a changed plan is refused with the difference; without a run to resume a new one starts', async () => {
  const dir = await temporaryFolder()
  const flags = ['--prover', TOY, '--iterations', '1', ...TINY, '--depth-max', '1']
  const first = await runBench(dir, ['depth'], [...flags, '--resume'])
  expect(first.output).toContain('there is no run to resume: starting a new one')
  expect(first.rows).toHaveLength(4)
  const other = ['--prover', `${TOY},cost=2000`, ...flags.slice(2), '--iterations', '2', '--resume']
  const refused = await runBench(dir, ['depth'], other)
  expect(refused.output).toContain('PLAN_CHANGED')
  expect(refused.output).toContain('track depth: iterations.prove: 1 then, 2 now')
  expect(refused.output).toContain('track depth: provers.toy.settings.cost: nothing then, "2000" now')
  expect(refused.rows).toEqual(first.rows)
  expect(refused.exitCode).toBe(2)
  // Where artifacts are stored and which points run now are not part of the plan.
  const same = await runBench(dir, ['depth'], [...flags, '--resume', '--work-dir', join(dir, 'elsewhere')])
  expect(same.rows).toEqual(first.rows)
  expect(same.exitCode).toBe(0)
}, 300_000)

test('a model that is not what it was is refused', async () => {
  const dir = await temporaryFolder()
  const model = join(dir, 'own.onnx')
  const shape = { depth: 1, input_hw: 8, in_ch: 1, conv_out_ch: 2, fc_hidden: 4, n_actions: 2 }
  writeModel(model, generateCnn({ ...shape, seed: 1 }))
  const flags = ['--prover', TOY, '--iterations', '1', '--model', model]
  const first = await runBench(dir, ['models'], flags)
  expect(first.exitCode).toBe(0)
  writeModel(model, generateCnn({ ...shape, seed: 2 }))
  const refused = await runBench(dir, ['models'], [...flags, '--resume'])
  expect(refused.output).toContain('PLAN_CHANGED')
  expect(refused.output).toContain(`${model}: SHA-256 ${first.rows[0]!.model_sha256} then`)
  expect(refused.rows).toEqual(first.rows)
  expect(refused.exitCode).toBe(2)
})

test('sampling goes on with the samples that there are', async () => {
  const dir = await temporaryFolder()
  const journal = join(dir, 'journal')
  const sampling = ['--sampling', 'target=0.001,min=6,max=6', ...TINY, '--depth-max', '1']
  const flags = ['--prover', `${TOY},hang=prove:4,journal=${journal}`, ...sampling]
  await interrupt(dir, flags, journal, 1 + 6 + 3 + 1)
  const { rows, exitCode } = await runBench(dir, ['depth'], [...flags, '--resume'])
  const counts = Object.fromEntries(
    [...Map.groupBy(rows, ({ phase }) => phase)].map(([phase, own]) => [phase, own.length]),
  )
  expect(counts).toEqual({ compile: 1, witness: 6, prove: 6, verify: 6 })
  expect(rows.every(({ status }) => status === 'ok')).toBe(true)
  expect(exitCode).toBe(0)
})

test('lines of others are left as they are', async () => {
  const dir = await temporaryFolder()
  const foreign = '{"phase":"prove","status":"cancelled","run_id":"other"}\nnot a row\n'
  await writeFile(join(dir, 'rows.jsonl'), foreign)
  const flags = ['--prover', TOY, '--iterations', '1', ...TINY, '--depth-max', '1', '--resume']
  for (const count of [4, 4]) {
    const { exitCode } = await startBench(dir, ['depth'], flags)
    expect((await readFile(join(dir, 'rows.jsonl'), 'utf8')).startsWith(foreign)).toBe(true)
    const { rows } = await collectRows(join(dir, 'rows.jsonl'))
    expect(rows.filter(({ run_id }) => run_id !== 'other')).toHaveLength(count)
    expect(exitCode).toBe(0)
  }
})

test('a shard goes on with its own rows, beside those of the others', async () => {
  const dir = await temporaryFolder()
  const prover = `${TOY},fail=prove:1,journal=${join(dir, 'journal')}`
  const flags = ['--prover', prover, '--iterations', '1', ...TINY]
  const first = await runBench(dir, ['depth'], [...flags, '--shard', '1/2'])
  expect(first.rows.map(({ status }) => status)).toEqual(['ok', 'ok', 'failed', 'skipped'])
  const second = await runBench(dir, ['depth'], [...flags, '--shard', '2/2'])
  expect(second.rows).toHaveLength(8)
  const retry = ['--shard', '1/2', '--resume', '--retry-failed']
  const { rows, output, exitCode } = await runBench(dir, ['depth'], [...flags, ...retry])
  expect(output).toContain(`run ${first.rows[0]!.run_id} goes on: 2 rows stay, 2 are moved`)
  expect(rows.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 'ok'))
  expect(new Set(rows.map(({ run_id }) => run_id)).size).toBe(2)
  expect(exitCode).toBe(0)
})
