import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readRowsOf, runBench, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { collectRows } from '../../fixtures/collect-rows.ts'

const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
const FLAGS = ['--prover', './fixtures/provers/toy.ts', ...TINY]

test('a second run refuses or waits while the first is there, and a killed one leaves the machine free', async () => {
  const [one, two] = [await temporaryFolder(), await temporaryFolder()]
  const hangs = ['--prover', './fixtures/provers/toy.ts,hang=witness', ...TINY]
  const first = startBench(one, ['depth'], [...hangs, '--lock', 'wait'])
  while (!(await readRowsOf(one)).length) await sleep(50)
  const refused = await runBench(two, ['depth'], [...FLAGS, '--lock', 'refuse'])
  expect(refused.output).toContain(`another run is using this machine: process ${first.pid} in`)
  expect(refused.output).toContain('RUN_LOCKED')
  expect(refused.rows).toEqual([])
  expect(refused.exitCode).toBe(2)
  const beside = await runBench(two, ['depth'], [...FLAGS, '--iterations', '1', '--no-lock'])
  expect(beside.exitCode).toBe(0)
  const second = startBench(two, ['depth'], [...FLAGS, '--iterations', '1', '--lock', 'wait'])
  let said = ''
  second.all!.on('data', (chunk: Buffer) => (said += String(chunk)))
  while (!said.includes('waiting: another run is using this machine')) await sleep(50)
  expect(await readRowsOf(two)).toHaveLength(4)
  first.kill('SIGKILL')
  await first
  expect((await second).exitCode).toBe(0)
  expect(await readRowsOf(two)).toHaveLength(8)
})

test('two runs that append to one file keep every row of both whole', async () => {
  const dir = await temporaryFolder()
  const runs = [1, 2].map(() => startBench(dir, ['depth'], [...FLAGS, '--depth-max', '2', '--no-lock']))
  const ends = await Promise.all(runs)
  expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 0])
  const { rows, problems } = await collectRows(join(dir, 'rows.jsonl'))
  expect(problems).toEqual([])
  const byRun = [...Map.groupBy(rows, ({ run_id }) => run_id).values()]
  const outline = (own: typeof rows) =>
    own.map(({ point, phase, iteration, status }) => `${point} ${phase} ${iteration} ${status}`)
  expect(byRun).toHaveLength(2)
  expect(outline(byRun[0]!)).toEqual(outline(byRun[1]!))
  expect(byRun[0]).toHaveLength(2 * (1 + 3 + 3 + 3))
})
