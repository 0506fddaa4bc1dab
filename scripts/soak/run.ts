import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { findSurvivors, markEnvironment } from '../../fixtures/processes/survivors.ts'
import { accountFor, type Account } from './account.ts'
import { type Footprint, watchFootprint } from './watch.ts'

export interface SoakResult {
  seconds: number
  seed: string
  account: Account
  footprints: Footprint[]
  /** Processes alive 2 s after the end, and names in the work folder. */
  survivors: number[]
  leftOver: string[]
  exitCode: number | undefined
}

const ROOT = join(import.meta.dirname, '../..')
/** More than any soak reaches: it is ended when its time is over. */
const ENDLESS = ['--depth-max', '200', '--iterations', '100']

/**
 * One run of Vitest on a prover, a service and a process of several phases that misbehave at random. It is ended by
 * Ctrl+C after `seconds`, but not before its processes have started `leastStarts` times: a busy machine may be slower.
 */
export async function soak(seconds: number, seed: string, leastStarts = 1): Promise<SoakResult> {
  const dir = await mkdtemp(join(tmpdir(), 'provemark-soak-'))
  const mark = randomUUID()
  const [results, journal, work] = ['rows.jsonl', 'journal', 'work'].map((name) => join(dir, name))
  const provers = ['chaos', 'chaos-service', 'chaos-process'].flatMap((name) => [
    '--prover',
    `./fixtures/provers/${name}.ts,journal=${journal},seed=${seed}`,
  ])
  const tiny = ['--input-hw', '4', '--conv-out-ch', '1', '--fc-hidden', '2', '--timeout-s', '1', '--no-lock']
  const places = ['--onnx-dir', join(dir, 'onnx'), '--inputs-dir', join(dir, 'inputs'), '--work-dir', work!]
  const flags = [...provers, '--results', results!, ...places, ...tiny, ...ENDLESS]
  const run = execa('vitest', ['bench', 'depth', '--reporter=dot', '--', ...flags], {
    cwd: ROOT,
    preferLocal: true,
    localDir: ROOT,
    detached: true,
    reject: false,
    stdio: 'ignore',
    env: { ...markEnvironment(mark), PROVEMARK_CIRCUIT_CACHE_MB: '0' },
  })
  const state = { hasEnded: false }
  void run.then(() => (state.hasEnded = true))
  const stopWatching = watchFootprint(run.pid!)
  await sleep(seconds * 1000)
  while (!state.hasEnded && (await countStarts(journal!)) < leastStarts) await sleep(200)
  if (!state.hasEnded) process.kill(-run.pid!, 'SIGINT')
  const { exitCode } = await run
  const result = {
    seconds,
    seed,
    account: await accountFor(results!, journal!),
    footprints: stopWatching(),
    survivors: await findSurvivors(mark),
    leftOver: await readdir(work!),
    exitCode,
  }
  await rm(dir, { recursive: true })
  return result
}

async function countStarts(journal: string): Promise<number> {
  return (await readFile(journal, 'utf8').catch(() => '')).split('\n').length - 1
}
