import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { findSurvivors, markEnvironment } from '../../fixtures/processes/survivors.ts'
import { readRowsOf, runBench, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { readChildren } from '../system/proc.ts'

/** Runs per kind of prover and of end, each at another moment. */
const RUNS = Number(process.env['PROVEMARK_END_RUNS'] ?? 1)

const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']

/** A service and a process of many proofs, both of which ignore SIGTERM and start others, and warm functions. */
const LOADED = [
  { kind: 'a service', prover: './fixtures/provers/service.ts,how=deaf+child+stays', hasJournal: true },
  { kind: 'a shared process', prover: './fixtures/provers/one-process.ts,how=deaf', hasJournal: true },
  { kind: 'warm functions', prover: './fixtures/provers/warm-hasher.ts', hasJournal: false },
]
const workerOf = (main: number) => readChildren(main, true)[0]!
const ENDS = [
  { end: 'Ctrl+C', isAsked: true, hit: (main: number) => process.kill(-main, 'SIGINT') },
  { end: 'SIGTERM', isAsked: true, hit: (main: number) => process.kill(main, 'SIGTERM') },
  {
    end: "kill -9 of Vitest's worker",
    isAsked: false,
    hit: (main: number) => process.kill(workerOf(main), 'SIGKILL'),
  },
  {
    end: "kill -9 of Vitest's main process",
    isAsked: false,
    hit: (main: number) => process.kill(main, 'SIGKILL'),
  },
]
const CASES = LOADED.flatMap((loaded) => ENDS.map((end) => ({ ...loaded, ...end })))

test.for(CASES)(
  '$end while $kind is at work: nothing is left, no row is lost, and the run can be resumed',
  { timeout: 120_000 * RUNS },
  async ({ kind, prover, hasJournal, isAsked, hit }) => {
    for (let run = 0; run < RUNS; run++) {
      const dir = await temporaryFolder()
      const mark = randomUUID()
      const journal = join(dir, 'journal')
      const spec = hasJournal ? `${prover},journal=${journal}` : prover
      const counts = ['--iterations', 'compile=1,prove=20,verify=2']
      const flags = ['--prover', spec, ...TINY, ...counts]
      const countProofs = async () =>
        hasJournal
          ? (await readFile(journal, 'utf8').catch(() => '')).split('\n').length - 1
          : (await readRowsOf(dir)).filter(({ phase }) => phase === 'prove').length
      const bench = startBench(dir, ['depth'], flags, { detached: true, env: markEnvironment(mark) })
      while ((await countProofs()) < 3) await sleep(10)
      await sleep(Math.random() * 200)
      hit(bench.pid!)
      // A run that is asked to stop writes its rows and its card first.
      if (isAsked) await bench
      expect(await findSurvivors(mark)).toEqual([])
      expect((await bench).exitCode).not.toBe(0)

      const before = await readRowsOf(dir)
      const proved = before.filter(({ phase, status }) => phase === 'prove' && status === 'ok')
      // A process that runs all phases is one measurement until it ends, and nobody is left to see that after kill -9.
      const isLost = !isAsked && kind === 'a shared process'
      const finished = Math.min(20, await countProofs()) - 1
      expect(proved.length).toBeGreaterThanOrEqual(isLost ? 0 : finished)

      const { exitCode, rows } = await runBench(dir, ['depth'], [...flags, '--resume'])
      expect(exitCode).toBe(0)
      const names = rows.map(({ phase, iteration, status }) => `${phase} ${iteration} ${status}`)
      const ofPhase = (phase: string, count: number) =>
        Array.from({ length: count }, (_, i) => `${phase} ${i + 1} ok`)
      expect(names.filter((name) => !name.startsWith('witness')).toSorted()).toEqual(
        [...ofPhase('compile', 1), ...ofPhase('prove', 20), ...ofPhase('verify', 2)].toSorted(),
      )
      expect(await findSurvivors(mark)).toEqual([])
    }
  },
)
