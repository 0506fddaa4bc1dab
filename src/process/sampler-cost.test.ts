import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { readCpuMs } from '../../fixtures/processes/cpu-time.ts'
import { findMarked, findParentOfMarked, markEnvironment } from '../../fixtures/processes/survivors.ts'
import { runProcess } from './run-process.ts'

const PROCESSES = 20
const TIME_MS = Number(process.env['PROVEMARK_SAMPLER_MS'] ?? 5000)
/** Share of one core. */
const MOST = 0.01

test.for(['', 'no-cgroup'])(
  `looking at a tree of ${PROCESSES} processes takes at most 1 % of a core, PROVEMARK_MEASURE=%s`,
  { retry: 2 },
  async (mode) => {
    vi.stubEnv('PROVEMARK_MEASURE', mode)
    const mark = randomUUID()
    const controller = new AbortController()
    const script = `for i in $(seq ${PROCESSES - 1}); do sleep 1000 & done; wait`
    const samples: number[] = []
    const running = runProcess({
      file: 'sh',
      args: ['-c', script],
      cwd: tmpdir(),
      env: markEnvironment(mark),
      signal: controller.signal,
      onSample: ({ rssMb }) => samples.push(rssMb),
    })
    while (findMarked(mark).length < PROCESSES) await sleep(20)
    await sleep(500)
    const monitor = findParentOfMarked(mark)
    const startMs = performance.now()
    const beforeMs = readCpuMs(monitor)
    await sleep(TIME_MS)
    const share = (readCpuMs(monitor) - beforeMs) / (performance.now() - startMs)
    controller.abort()
    const outcome = await running
    vi.unstubAllEnvs()
    expect(share).toBeLessThan(MOST)
    // The sampler did run: the processes hold memory, and samples were reported.
    expect(outcome.measurement.mem_mb_psutil).toBeGreaterThan(PROCESSES * 0.5)
    expect(samples.length).toBeGreaterThan(TIME_MS / 1000)
  },
)
