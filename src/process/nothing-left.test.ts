import { randomUUID } from 'node:crypto'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { inLanes } from '../../fixtures/in-lanes.ts'
import { buildActor } from '../../fixtures/processes/actor.ts'
import {
  findMarked,
  findParentOfMarked,
  findSurvivors,
  markEnvironment,
} from '../../fixtures/processes/survivors.ts'
import { runProcess } from './run-process.ts'
import type { ProcessSpec } from './spec.ts'

/** Runs per actor; `npm run test:long` does 100. */
const RUNS = Number(process.env['PROVEMARK_END_RUNS'] ?? 2)

/** Actors that do not end by themselves, and their numbers of processes. */
const ACTS = [
  { act: ['stubborn'], processes: 1 },
  { act: ['bomb', '50'], processes: 51 },
  { act: ['escape'], processes: 2 },
  { act: ['closed'], processes: 1 },
]

let actor: string
beforeAll(async () => {
  actor = await buildActor()
}, 300_000)
afterEach(() => void vi.unstubAllEnvs())

function specOf(act: readonly string[], mark: string): ProcessSpec {
  return { file: actor, args: [...act], cwd: tmpdir(), env: markEnvironment(mark), graceMs: 100 }
}

/** Calls back once the actor has announced all its processes. */
function whenAll(processes: number, then: () => void): (line: string) => void {
  let announced = 0
  return (line) => {
    if (line.startsWith('pid ') && ++announced === processes) then()
  }
}

describe.for(ACTS)('$act', { timeout: 60_000 * RUNS }, ({ act, processes }) => {
  test.for(['', 'no-cgroup'])('ends when the run is cancelled, PROVEMARK_MEASURE=%s', async (mode) => {
    vi.stubEnv('PROVEMARK_MEASURE', mode)
    await inLanes(RUNS, async () => {
      const mark = randomUUID()
      const controller = new AbortController()
      const onLine = whenAll(processes, () => controller.abort())
      const outcome = await runProcess({ ...specOf(act, mark), onLine, signal: controller.signal })
      expect(outcome.status).toBe('cancelled')
      expect(findMarked(mark)).toEqual([])
    })
  })

  test('ends at its timeout', async () => {
    const mark = randomUUID()
    const outcome = await runProcess({ ...specOf(act, mark), timeoutMs: 500 })
    expect(outcome.status).toBe('timeout')
    expect(findMarked(mark)).toEqual([])
  })

  test('ends when the process that runs it is killed', async () => {
    await inLanes(RUNS, async () => {
      const mark = randomUUID()
      const parent = runInProcess(specOf(act, mark))
      await new Promise<void>((resolve) => {
        const onLine = whenAll(processes, resolve)
        let text = ''
        parent.stdout.on('data', (chunk: Buffer) => {
          const lines = (text + chunk.toString()).split('\n')
          text = lines.pop()!
          lines.forEach(onLine)
        })
      })
      expect(findMarked(mark)).toHaveLength(processes)
      parent.kill('SIGKILL')
      expect(await findSurvivors(mark)).toEqual([])
    })
  })

  test('ends when the monitor is killed', async () => {
    const mark = randomUUID()
    const onLine = whenAll(processes, () => process.kill(findParentOfMarked(mark), 'SIGKILL'))
    const outcome = await runProcess({ ...specOf(act, mark), onLine })
    expect(outcome.error).toMatchObject({ code: 'LAUNCHER_LOST' })
    expect(await findSurvivors(mark)).toEqual([])
  })
})

test('what outlives its process is ended, and a warning says so', async () => {
  const mark = randomUUID()
  const outcome = await runProcess(specOf(['escape', 'leave'], mark))
  expect(outcome).toMatchObject({ status: 'ok', return_code: 0 })
  expect(outcome.warnings).toEqual([expect.stringMatching(/^1 process outlived /)])
  expect(findMarked(mark)).toEqual([])
})

test('a process group ends without the monitor too', async () => {
  vi.stubEnv('PROVEMARK_MEASURE', 'off')
  const mark = randomUUID()
  const outcome = await runProcess({ ...specOf(['bomb', '50'], mark), timeoutMs: 500 })
  expect(outcome.status).toBe('timeout')
  expect(await findSurvivors(mark)).toEqual([])
})

/** Another Node process that runs the spec and passes on its output. */
function runInProcess(spec: ProcessSpec) {
  const script = fileURLToPath(new URL('../../fixtures/processes/run.ts', import.meta.url))
  return spawn(process.execPath, [script, JSON.stringify(spec)], { stdio: ['ignore', 'pipe', 'inherit'] })
}
