import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { inLanes } from '../../fixtures/in-lanes.ts'
import { buildActor } from '../../fixtures/processes/actor.ts'
import { findMarked, findSurvivors, markEnvironment } from '../../fixtures/processes/survivors.ts'
import { readRowsOf, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { readChildren } from '../system/proc.ts'

/** Runs per kind of end; `npm run test:long` does 100. */
const RUNS = Number(process.env['PROVEMARK_END_RUNS'] ?? 2)

/** Provers that do not exit on their own, and how many processes they start. */
const ACTS = [
  { act: 'bomb:50', processes: 51 },
  { act: 'stubborn', processes: 1 },
  { act: 'closed', processes: 1 },
  { act: 'escape', processes: 2 },
]

let actor: string
beforeAll(async () => {
  actor = await buildActor()
}, 300_000)

/** Flags for one prove that misbehaves in this way. */
function flagsOf(act: string): string[] {
  const tiny = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
  const prover = `./fixtures/provers/toy.ts,act=${act},actor=${actor}`
  return ['--prover', prover, ...tiny, '--iterations', '1']
}

/** Starts a run whose prove misbehaves, and waits until all its processes exist. */
async function startMisbehaving(run: number) {
  const { act, processes } = ACTS[run % ACTS.length]!
  const dir = await temporaryFolder()
  const mark = randomUUID()
  const bench = startBench(dir, ['depth'], flagsOf(act), { detached: true, env: markEnvironment(mark) })
  while ((await readRowsOf(dir)).length < 2) await sleep(50)
  // Vitest, its worker and the monitor carry the mark as well.
  while (findMarked(mark).length < processes + 3) await sleep(50)
  const main = bench.pid!
  return { dir, mark, bench, main, worker: findWorker(main) }
}

function findWorker(main: number): number {
  const [worker] = readChildren(main, true)
  if (worker === undefined) throw new Error('Vitest has no worker')
  return worker
}

const ENDS = [
  { end: 'Ctrl+C', hit: ({ main }: { main: number }) => process.kill(-main, 'SIGINT') },
  { end: 'SIGTERM', hit: ({ main }: { main: number }) => process.kill(main, 'SIGTERM') },
  {
    end: "kill -9 of Vitest's worker",
    hit: ({ worker }: { worker: number }) => process.kill(worker, 'SIGKILL'),
  },
  {
    end: "kill -9 of Vitest's main process",
    hit: ({ main }: { main: number }) => process.kill(main, 'SIGKILL'),
  },
]

test.for(ENDS)('no process is left after $end', { timeout: 60_000 * RUNS }, async ({ end, hit }) => {
  await inLanes(RUNS, async (run) => {
    const bench = await startMisbehaving(run)
    hit(bench)
    // A run that is asked to stop writes its row and its card first.
    if (!end.startsWith('kill')) await bench.bench
    expect(await findSurvivors(bench.mark)).toEqual([])
    expect((await bench.bench).exitCode).not.toBe(0)
    const rows = await readRowsOf(bench.dir)
    expect(rows.slice(0, 2).map(({ phase, status }) => `${phase} ${status}`)).toEqual([
      'compile ok',
      'witness ok',
    ])
  })
})

test(
  'a run whose prover reaches its timeout ends by itself and leaves nothing',
  { timeout: 60_000 * RUNS },
  async () => {
    await inLanes(RUNS, async (run) => {
      const { act } = ACTS[run % ACTS.length]!
      const dir = await temporaryFolder()
      const mark = randomUUID()
      const { exitCode } = await startBench(dir, ['depth'], [...flagsOf(act), '--timeout-s', 'prove=1'], {
        env: markEnvironment(mark),
      })
      expect((await readRowsOf(dir)).map(({ status }) => status)).toEqual(['ok', 'ok', 'timeout', 'skipped'])
      expect(await findSurvivors(mark)).toEqual([])
      expect(exitCode).toBe(1)
    })
  },
)
