import { runProcess, type ProcessOutcome } from '../process/run-process.ts'
import type { Command, Files, PhaseReport } from '../prover/contract.ts'
import { commandOf, linesToKeep } from '../prover/phase-command.ts'
import { readReport, type ReadReport } from '../prover/read-report.ts'
import type { Phase } from '../row/schema.ts'
import type { PointJob } from './job.ts'
import { usableMb } from './memory-guard.ts'

interface PhaseProcess {
  phase: Phase
  iteration: number
  files: Files
  dir: string
  signal: AbortSignal
}

export interface RanPhase extends ReadReport {
  outcome: ProcessOutcome
  cmd: string[]
}

/** Runs the process of a phase to its end and reads what the prover says of it. */
export async function runPhaseProcess(job: PointJob, run: PhaseProcess): Promise<RanPhase> {
  const { prover, planned, plan } = job
  const { phase, files } = run
  const from = { source: planned.source, root: plan.root }
  const command = commandOf(prover, phase, { files, ...settingsOf(job) }, from)
  return runCommand(job, run, command)
}

/** Runs what has to be there before a phase and is not measured; undefined where the prover needs nothing. */
export async function runPreparation(job: PointJob, run: PhaseProcess): Promise<RanPhase | undefined> {
  const { prepare } = job.prover.phases[run.phase]
  return prepare && runCommand(job, run, prepare({ files: run.files, ...settingsOf(job) }))
}

async function runCommand(job: PointJob, run: PhaseProcess, command: Command): Promise<RanPhase> {
  const { prover, plan } = job
  const { phase, iteration, dir, files, signal } = run
  const keep = linesToKeep(prover)
  const timeoutS = plan.options.timeout_s[phase]
  const outcome = await runProcess({
    ...command,
    cwd: dir,
    signal,
    onSample: job.progress({ phase, iteration }),
    ...(timeoutS === undefined ? {} : { timeoutMs: timeoutS * 1000 }),
    ...(plan.options.memory_limit_mb === undefined ? {} : { memoryLimitMb: plan.options.memory_limit_mb }),
    ...(plan.options.launcher ? { launcher: plan.options.launcher } : {}),
    ...(keep ? { keep } : {}),
  })
  const read = await readReport(prover, phase, outcome.output, files)
  return { ...read, outcome, cmd: [command.file, ...command.args] }
}

function settingsOf({ plan, planned: { settings, located } }: PointJob) {
  const limitMb = usableMb(plan)
  return { settings, located, ...(limitMb === undefined ? {} : { limitMb }) }
}

/** The counters that a compile of this prover always prints and did not, each as a warning. */
export function missingCounters(
  { prover }: PointJob,
  phase: Phase,
  { counters = {} }: PhaseReport,
): string[] {
  if (phase !== 'compile') return []
  return (prover.counters ?? [])
    .filter((name) => !(name in counters))
    .map((name) => `COUNTER_MISSING: ${name} was not printed`)
}
