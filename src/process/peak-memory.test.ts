import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { buildActor } from '../../fixtures/processes/actor.ts'
import { runProcess, type ProcessOutcome } from './run-process.ts'

/** Runs per actor; `npm run test:long` does 100. */
const RUNS = Number(process.env['PROVEMARK_SPIKE_RUNS'] ?? 4)
/** MB that every actor touches. */
const SPIKE_MB = 256
/** MB that one actor uses in addition. */
const OWN_MB = 2
const TOLERANCE = 0.02

let actor: string
beforeAll(async () => {
  actor = await buildActor()
}, 300_000)
afterEach(() => void vi.unstubAllEnvs())

async function play(...args: string[]): Promise<ProcessOutcome> {
  const outcome = await runProcess({ file: actor, args, cwd: tmpdir() })
  expect(outcome).toMatchObject({ status: 'ok', warnings: [] })
  return outcome
}

describe.for(['', 'no-cgroup'])('with the monitor, PROVEMARK_MEASURE=%s', (mode) => {
  test.for([
    { name: 'a spike', act: 'spike', processes: 1 },
    { name: 'a spike in threads', act: 'threads', processes: 1 },
    { name: 'a spike in a grandchild', act: 'grandchild', processes: 3 },
    { name: 'a spike after a double fork', act: 'double-fork', processes: 3 },
  ])(
    `$name of ${SPIKE_MB} MB is seen in ${RUNS} of ${RUNS} runs`,
    { timeout: 900_000 },
    async ({ act, processes }) => {
      vi.stubEnv('PROVEMARK_MEASURE', mode)
      for (let run = 0; run < RUNS; run++) {
        const { measurement, output } = await play(act, String(SPIKE_MB))
        expect(measurement.mem_mb, `run ${run}: ${output}`).toBeGreaterThan(SPIKE_MB)
        expect(measurement.mem_mb).toBeLessThan((SPIKE_MB + processes * OWN_MB) * (1 + TOLERANCE))
      }
    },
  )

  test('one process has an exact peak, of a source that is named', async () => {
    vi.stubEnv('PROVEMARK_MEASURE', mode)
    const { measurement } = await play('spike', String(SPIKE_MB))
    expect(measurement).toMatchObject({ mem_source: 'hwm', mem_lower_bound: false })
    expect(measurement.mem_mb_hwm).toBe(measurement.mem_mb)
  })

  test('what two processes hold at once counts together', async () => {
    vi.stubEnv('PROVEMARK_MEASURE', mode)
    const { measurement } = await play('pair', String(SPIKE_MB))
    expect(measurement.mem_mb).toBeGreaterThan(SPIKE_MB)
    expect(measurement.mem_mb).toBeLessThan(SPIKE_MB * 1.1)
    expect(measurement.mem_mb_hwm).toBeLessThan(SPIKE_MB * 0.6)
  })

  test('page cache is no memory of a process', async () => {
    vi.stubEnv('PROVEMARK_MEASURE', mode)
    const { measurement } = await play('file', '200', join(tmpdir(), `provemark-${process.pid}-page-cache`))
    expect(measurement.mem_mb).toBeLessThan(100)
  })
})

/** Whether a phase gets a cgroup here: without one, nothing counts the shared memory of that phase alone. */
async function hasCgroup(): Promise<boolean> {
  return (await play('hold', '1', '10')).measurement.mem_mb_cgroup !== null
}

const SHARED_WARNING = /shared memory and huge pages of the system grew by up to \d+ MB/

test('memory that is mapped nowhere counts, or the row says that it does not', async () => {
  vi.stubEnv('PROVEMARK_MEASURE', '')
  const run = (mb: number, ms: number) =>
    runProcess({ file: actor, args: ['memfd', String(mb), String(ms)], cwd: tmpdir() })
  const isCounted = await hasCgroup()
  const { measurement, warnings } = await run(SPIKE_MB, 400)
  expect(SHARED_WARNING.test(warnings.join())).toBe(!isCounted)
  expect(measurement.mem_mb! > SPIKE_MB).toBe(isCounted)
  expect(measurement.mem_mb).toBeLessThan(SPIKE_MB * 1.1)
  // It may be gone before the first sample: then the row at least says that there was more.
  const short = await run(SPIKE_MB, 0)
  const isSaid = short.measurement.mem_mb! > SPIKE_MB || /held \d+ MB more/.test(short.warnings.join())
  expect(isSaid || !isCounted).toBe(true)
  for (const mode of ['no-cgroup', 'off']) {
    vi.stubEnv('PROVEMARK_MEASURE', mode)
    expect((await run(SPIKE_MB, 400)).warnings.join()).toMatch(SHARED_WARNING)
  }
})

test.for(['', 'no-cgroup'])('mapped shared memory counts once, PROVEMARK_MEASURE=%s', async (mode) => {
  vi.stubEnv('PROVEMARK_MEASURE', mode)
  const { measurement } = await play('map-shared', String(SPIKE_MB), '400')
  expect(measurement.mem_mb).toBeGreaterThan(SPIKE_MB)
  expect(measurement.mem_mb).toBeLessThan(SPIKE_MB * 1.1)
})

test('without the monitor a tree is sampled, and the figure says that it is a lower bound', async () => {
  vi.stubEnv('PROVEMARK_MEASURE', 'off')
  const { measurement } = await play('pair', String(SPIKE_MB))
  expect(measurement).toMatchObject({ mem_source: 'sampled', mem_lower_bound: true, mem_mb_cgroup: null })
  expect(measurement.mem_mb).toBeGreaterThan(SPIKE_MB)
  const hold = await play('hold', String(SPIKE_MB), '300')
  expect(hold.measurement.mem_mb_hwm).toBeGreaterThan(SPIKE_MB)
})

test.for(['', 'no-cgroup', 'off'])('a memory limit ends the tree, PROVEMARK_MEASURE=%s', async (mode) => {
  vi.stubEnv('PROVEMARK_MEASURE', mode)
  const limited = { file: actor, cwd: tmpdir(), memoryLimitMb: 64, graceMs: 200 }
  const outcome = await runProcess({ ...limited, args: ['hold', '128', '60000'] })
  expect(outcome).toMatchObject({ status: 'out_of_memory', error: { code: 'OUT_OF_MEMORY' } })
  expect(outcome.error!.message).toContain('64 MB')
  const within = await runProcess({ ...limited, args: ['hold', '16', '50'] })
  expect(within.status).toBe('ok')
})

test('CPU time is that of the whole tree', async () => {
  const spin = 'const end = process.cpuUsage().user + 3e5; while (process.cpuUsage().user < end);'
  const child = `require('child_process').execFileSync(process.execPath, ['-e', ${JSON.stringify(spin)}])`
  const outcome = await runProcess({ file: process.execPath, args: ['-e', child], cwd: tmpdir() })
  expect(outcome.measurement.cpu_user_s! + outcome.measurement.cpu_sys_s!).toBeGreaterThan(0.3)
})
