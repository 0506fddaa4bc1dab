import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { readCpuMs } from '../../fixtures/processes/cpu-time.ts'
import { findMarked, findParentOfMarked, markEnvironment } from '../../fixtures/processes/survivors.ts'
import { readRowsOf, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { runProcess } from './run-process.ts'
import { descendantsOf, PidusageSampler } from './samplers.ts'

test('a process is seen by the tools of the system', async () => {
  const child = spawn(process.execPath, [
    '-e',
    'const hold = Buffer.alloc(64 << 20, 1); setInterval(() => hold, 1000)',
  ])
  const sampler = new PidusageSampler(child.pid!)
  while (sampler.peakRssMb < 64) {
    sampler.sample()
    await sleep(20)
  }
  child.kill()
  expect(sampler.memory()).toEqual({ pidusageMb: sampler.peakRssMb })
  expect(sampler.cpuS().user).toBeGreaterThan(0)
})

test('a tree is all that descends from its root, whatever the order of the list', () => {
  const list = '   30    20\n    1     0\n   20    10\n   10     1\n   40     1\n   21    10\n'
  expect(descendantsOf(10, list)).toEqual([20, 21, 30])
  expect(descendantsOf(40, list)).toEqual([])
  expect(descendantsOf(10, '')).toEqual([])
})

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

test('a run where there is no /proc measures with the tools of the system, and ends trees', async () => {
  const dir = await temporaryFolder()
  const hidden = join(import.meta.dirname, '../../fixtures/without-proc.mjs')
  const env = { NODE_OPTIONS: `--import=${hidden}`, PROVEMARK_MEASURE: 'off' }
  const tiny = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']
  const settings = 'allocate=prove,allocate_mb=64,sleep_in=prove,sleep_ms=600,hang=verify'
  const prover = ['--prover', `./fixtures/provers/toy.ts,${settings}`]
  const flags = [...tiny, '--iterations', '1', ...prover, '--timeout-s', 'verify=2']
  const { exitCode } = await startBench(dir, ['depth'], flags, { env })
  const rows = await readRowsOf(dir)
  expect(rows.map(({ phase, status }) => `${phase} ${status}`)).toEqual([
    'compile ok',
    'witness ok',
    'prove ok',
    'verify timeout',
  ])
  const prove = rows[2]!
  expect(prove).toMatchObject({ mem_source: 'pidusage', mem_lower_bound: true })
  expect(prove.mem_mb).toBeGreaterThan(64)
  expect(prove.machine?.cores).toBeGreaterThan(0)
  expect(exitCode).toBe(1)
})
