import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import which from 'which'
import { buildActor } from '../../fixtures/processes/actor.ts'
import { EVIDENCE, isDisturbed } from '../row/disturbance.ts'
import type { Measurement } from '../row/schema.ts'
import { runProcess } from './run-process.ts'
import type { ProcessSpec } from './spec.ts'

const CPUS = availableParallelism()
const SPIN_MS = 600
const RUN = fileURLToPath(new URL('../../fixtures/processes/run.ts', import.meta.url))

let actor: string
beforeAll(async () => {
  actor = await buildActor()
}, 300_000)
afterEach(() => void vi.unstubAllEnvs())

async function spin(threads: number, more: Partial<ProcessSpec> = {}): Promise<Measurement> {
  const args = ['spin', String(threads), String(SPIN_MS)]
  const { status, measurement } = await runProcess({ file: actor, args, cwd: tmpdir(), ...more })
  expect(status).toBe('ok')
  return measurement
}

/** Keeps every CPU busy twice over until the test has ended. */
function makeLoad(): void {
  const controller = new AbortController()
  const spec = { file: actor, args: ['spin', '1', '600000'], cwd: tmpdir(), signal: controller.signal }
  // In a session each: Linux divides the CPUs among sessions first.
  const load = Array.from({ length: 2 * CPUS }, () => runProcess({ ...spec, graceMs: 1 }))
  onTestFinished(async () => {
    controller.abort()
    await Promise.all(load)
  })
}

/** The most that others can have cost a tree that wants all CPUs: this machine may be busy with other work. */
const mostByOthers = ({ others_cpu_s, time_s }: Measurement) => others_cpu_s! / (CPUS * time_s!)

test('threads of one prover that wait for each other are not disturbed', async () => {
  const found = await spin(4 * CPUS)
  expect(found.run_delay_s).toBeGreaterThan(found.time_s!)
  expect(found.involuntary_switches).toBeGreaterThan(0)
  expect(found.disturbed).toBeLessThan(0.04 + mostByOthers(found))
})

test.for([
  { name: 'the monitor as it is', launcher: [] },
  { name: 'a monitor that may not use taskstats', launcher: ['setpriv', '--bounding-set=-net_admin'] },
])('one thread beside busy programs is disturbed: $name', async ({ launcher }, { skip }) => {
  skip(launcher.length > 0 && (process.getuid?.() !== 0 || !which.sync('setpriv', { nothrow: true })))
  makeLoad()
  const found = await spin(1, launcher.length ? { launcher } : {})
  expect(found.others_cpu_s).toBeGreaterThan(0.3 * found.time_s!)
  expect(found.run_delay_s).toBeGreaterThan(0.3 * found.time_s!)
  expect(found.disturbed).toBeGreaterThan(0.3)
  expect(isDisturbed(found)).toBe(true)
})

test('a prover behind a shell that waits for it is disturbed as well', async () => {
  makeLoad()
  const args = ['-c', `${actor} spin 1 ${SPIN_MS}; true`]
  const { measurement } = await runProcess({ file: 'sh', args, cwd: tmpdir() })
  expect(measurement.disturbed).toBeGreaterThan(0.3)
})

test('two provers at once disturb each other', async () => {
  const found = await Promise.all([spin(CPUS), spin(CPUS)])
  for (const one of found) expect(one.disturbed).toBeGreaterThan(0.2)
})

test('a phase that is held on one CPU is judged by that CPU', async ({ skip }) => {
  skip(!which.sync('taskset', { nothrow: true }))
  const args = ['-c', '0', actor, 'spin', '4', String(SPIN_MS)]
  const { measurement } = await runProcess({ file: 'taskset', args, cwd: tmpdir() })
  const { others_cpu_s, cpu_user_s, cpu_sys_s, time_s, disturbed } = measurement
  // All that ran there, in the wall clock of one CPU; the system counts in ticks of 10 ms.
  expect(others_cpu_s! + cpu_user_s! + cpu_sys_s!).toBeLessThan(time_s! + 0.03)
  expect(disturbed).toBeLessThan(0.06 + others_cpu_s! / time_s!)
})

/** A cgroup with a CPU quota of a tenth of a core, or undefined where this machine allows none. */
function makeQuota(): string | undefined {
  const name = `provemark-test-${process.pid}`
  const tries = [
    [`/sys/fs/cgroup/${name}`, 'cpu.max', '10000 100000'],
    [`/sys/fs/cgroup/cpu/${name}`, 'cpu.cfs_quota_us', '10000'],
  ] as const
  for (const [folder, file, quota] of tries) {
    try {
      mkdirSync(folder)
    } catch {
      continue
    }
    onTestFinished(() => vi.waitFor(() => rmdirSync(folder)))
    if (!existsSync(join(folder, file))) continue
    writeFileSync(join(folder, file), quota)
    return folder
  }
  return undefined
}

test('a CPU quota that stops a phase disturbs it', async ({ skip }) => {
  const folder = makeQuota()
  skip(!folder, 'no cgroup can be made here')
  vi.stubEnv('PROVEMARK_MEASURE', 'no-cgroup')
  const launcher = ['sh', '-c', 'echo $$ > "$0"/cgroup.procs; exec "$@"', folder!]
  // In a process of its own, which takes the monitor in the cgroup with it when it ends.
  const spec = { file: actor, args: ['spin', '1', String(SPIN_MS)], cwd: tmpdir(), launcher }
  const { stdout } = await promisify(execFile)(process.execPath, [RUN, JSON.stringify(spec)])
  const found = JSON.parse(/^measurement (.*)$/m.exec(stdout)![1]!) as Measurement
  expect(found.throttled_s).toBeGreaterThan(0.2 * found.time_s!)
  expect(found.disturbed).toBeGreaterThan(0.2)
})

test('without the monitor there is no evidence, and none is invented', async () => {
  vi.stubEnv('PROVEMARK_MEASURE', 'off')
  const found = await spin(1)
  expect(isDisturbed(found)).toBeUndefined()
  expect(EVIDENCE.filter((name) => name in found)).toEqual([])
})
