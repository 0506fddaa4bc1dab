import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathsOfWrites } from '../point/artifacts.ts'
import type { PointJob } from '../point/point.ts'
import { asksService, isShared, phasesOf, type Prover } from '../prover/contract.ts'
import { commandOf } from '../prover/phase-command.ts'
import type { Phase } from '../row/schema.ts'
import { judge, notApplicable, type Check } from './check.ts'
import type { HonestRun } from './honest-run.ts'

const WHAT = 'cancel leaves no process'
/** When to cancel a phase, as fractions of the time that it takes undisturbed. */
const MOMENTS = [0.5, 0.9]
/** Time that it has to end after the signal. */
const GRACE_MS = 2000

/**
 * Starts each phase and sends SIGTERM to its process group: everything that it started has to end by itself. A
 * benchmark would kill what is left; here that counts against the prover.
 */
export async function checkCancel(job: PointJob, { files, dir, rows }: HonestRun): Promise<Check> {
  if (!existsSync('/proc/self/environ')) return notApplicable(WHAT, 'only Linux shows whose process is whose')
  if (!files || !dir) return judge(WHAT, ['compile did not run'])
  const faults: string[] = []
  // What stays loaded is ended by the run, not by its phases.
  const phases = phasesOf(job.prover).filter((phase) => hasOwnProcess(job.prover, phase))
  if (!phases.length) return notApplicable(WHAT, 'no phase has a process of its own')
  for (const phase of phases) {
    const wholeMs = 1000 * (rows.find((row) => row.phase === phase)?.time_s ?? 0)
    for (const moment of MOMENTS) {
      const folder = join(dir, `cancelled-${phase}-${moment}`)
      await mkdir(folder, { recursive: true })
      const own = { ...files, ...pathsOfWrites(job.prover, phase, folder) }
      const left = await cancel(job, { phase, files: own, cwd: folder, afterMs: moment * wholeMs })
      if (left.length) faults.push(`${phase} left ${left.length}: ${left.join(', ')}`)
    }
  }
  return judge(WHAT, faults)
}

function hasOwnProcess({ phases, warm }: Prover, phase: Phase): boolean {
  const spec = phases[phase]!
  return !asksService(spec) && !isShared(spec) && !(warm && 'run' in spec)
}

interface CancelledPhase {
  phase: Phase
  files: Record<string, string>
  cwd: string
  afterMs: number
}

/** Command lines of the processes left by a cancelled phase. */
async function cancel(job: PointJob, { phase, files, cwd, afterMs }: CancelledPhase): Promise<string[]> {
  const { prover, planned, plan, point } = job
  const { settings, located } = planned
  const command = commandOf(
    prover,
    phase,
    { files, settings, located, params: point.params },
    { source: planned.source, root: plan.root },
  )
  // All descendants of a process inherit its environment, even if they detach.
  const mark = randomUUID()
  const env = { ...process.env, ...command.env, PROVEMARK_CONFORMANCE: mark }
  const child = spawn(command.file, command.args, { cwd, env, detached: true, stdio: 'ignore' })
  const exited = once(child, 'exit').catch(() => {})
  await Promise.race([exited, sleep(afterMs)])
  signalGroup(child.pid, 'SIGTERM')
  const deadline = performance.now() + GRACE_MS
  let left = await findMarked(mark)
  while (left.length && performance.now() < deadline) {
    await sleep(50)
    left = await findMarked(mark)
  }
  for (const { pid } of left) signalProcess(pid, 'SIGKILL')
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

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid !== undefined) signalProcess(-pid, signal)
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
}
