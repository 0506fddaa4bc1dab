import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathsOfProcess } from '../point/artifacts.ts'
import { commandContext } from '../point/phase-process.ts'
import type { PointJob } from '../point/point.ts'
import { findPort } from '../point/service-prover.ts'
import { asksService, phasesOf, phasesOfProcess, type Command, type Files } from '../prover/contract.ts'
import { commandOf } from '../prover/phase-command.ts'
import type { Row } from '../row/schema.ts'
import { signalAll } from '../system/proc.ts'
import { judge, notApplicable, type Check } from './run-checks.ts'
import type { HonestRun } from './subject.ts'

const WHAT = 'cancel leaves no process'
/** When to cancel a process, as fractions of the time that it takes undisturbed. */
const MOMENTS = [0.5, 0.9]
/** The same for a service, of the time until it is ready: while it loads, and when it waits for requests. */
const MOMENTS_OF_SERVICE = [0.5, 1.5]
/** Time that it has to end after the signal. */
const GRACE_MS = 2000

/** A process of the prover, which writes its files to a separate folder. */
interface Subprocess {
  name: string
  command: (files: Files, dir: string) => Promise<Command>
  /** When to send the signal, ms. */
  momentsMs: number[]
}

/**
 * Starts each process that the prover has and sends SIGTERM to its group: everything that it started has to end by
 * itself. A benchmark would kill what is left; here that counts against the prover.
 */
export async function checkCancel(job: PointJob, { files, dir, rows }: HonestRun): Promise<Check> {
  if (!existsSync('/proc/self/environ')) return notApplicable(WHAT, 'only Linux shows whose process is whose')
  if (!files || !dir) return judge(WHAT, ['compile did not run'])
  const faults: string[] = []
  for (const { name, command, momentsMs } of listProcesses(job, rows)) {
    for (const [index, afterMs] of momentsMs.entries()) {
      const folder = join(dir, `cancelled-${name}-${index + 1}`)
      await mkdir(folder, { recursive: true })
      const left = await cancel(await command(files, folder), folder, afterMs)
      if (left.length) faults.push(`${name} left ${left.length}: ${left.join(', ')}`)
    }
  }
  return judge(WHAT, faults)
}

function listProcesses(job: PointJob, rows: readonly Row[]): Subprocess[] {
  const { prover, planned, plan } = job
  const { service } = prover
  const contextOf = (files: Files, dir: string) =>
    commandContext(job, { phase: 'prove', iteration: 1, files, dir, signal: new AbortController().signal })
  const ofPhases = phasesOf(prover).flatMap((phase): Subprocess[] => {
    const spec = prover.phases[phase]!
    const own = phasesOfProcess(prover, phase)
    if (asksService(spec) || own[0] !== phase) return []
    const wholeS = own.reduce((sum, one) => sum + (rows.find((row) => row.phase === one)?.time_s ?? 0), 0)
    const command = async (files: Files, dir: string) => {
      const writes = pathsOfProcess(prover, phase, dir)
      const context = { ...contextOf({ ...files, ...writes }, dir), iterations: 1 }
      return commandOf(prover, phase, context, { source: planned.source, root: plan.root })
    }
    return [{ name: phase, command, momentsMs: MOMENTS.map((moment) => moment * wholeS * 1000) }]
  })
  if (!service) return ofPhases
  const loadMs = 1000 * (rows.find((row) => row.time_s_load != null)?.time_s_load ?? 1)
  const command = async (files: Files, dir: string) =>
    service.start({ ...contextOf(files, dir), port: await findPort() })
  const momentsMs = MOMENTS_OF_SERVICE.map((moment) => moment * loadMs)
  return [...ofPhases, { name: 'service', command, momentsMs }]
}

/** Command lines of the processes left by a cancelled process. */
async function cancel(command: Command, cwd: string, afterMs: number): Promise<string[]> {
  // All descendants of a process inherit its environment, even if they detach.
  const mark = randomUUID()
  const env = { ...process.env, ...command.env, PROVEMARK_CONFORMANCE: mark }
  const child = spawn(command.file, command.args, { cwd, env, detached: true, stdio: 'ignore' })
  const exited = once(child, 'exit').catch(() => {})
  await Promise.race([exited, sleep(afterMs)])
  if (child.pid !== undefined) signalAll([-child.pid], 'SIGTERM')
  const deadline = performance.now() + GRACE_MS
  let left = await findMarked(mark)
  while (left.length && performance.now() < deadline) {
    await sleep(50)
    left = await findMarked(mark)
  }
  signalAll(
    left.map(({ pid }) => pid),
    'SIGKILL',
  )
  await exited
  return left.map(({ cmd }) => cmd)
}

async function findMarked(mark: string): Promise<{ pid: number; cmd: string }[]> {
  const found: { pid: number; cmd: string }[] = []
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const environ = await readFile(`/proc/${entry}/environ`, 'latin1').catch(() => '')
    if (!environ.includes(mark)) continue
    const cmd = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')
    found.push({ pid: Number(entry), cmd: cmd.replaceAll('\0', ' ').trim().slice(0, 120) })
  }
  return found
}
