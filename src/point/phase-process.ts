import { runProcess, type ProcessOutcome } from '../process/run-process.ts'
import type { ProcessSpec } from '../process/spec.ts'
import {
  asksService,
  isShared,
  phasesOf,
  type Command,
  type CommandPhase,
  type Files,
  type PhaseContext,
  type PhaseReport,
  type RequestPhase,
} from '../prover/contract.ts'
import { commandOf, linesToKeep } from '../prover/phase-command.ts'
import { readReport, type ReadReport } from '../prover/read-report.ts'
import type { Phase } from '../row/schema.ts'
import { usableMb } from './memory-guard.ts'
import type { sizeArtifacts } from './artifacts.ts'
import type { PointJob } from './point.ts'
import { proofsAtOnce } from './schedule.ts'
import type { ServedPhase, SessionFields } from './session-process.ts'

/** One iteration of a phase, reduced to what running it needs. */
export interface PhaseProcess {
  phase: Phase
  iteration: number
  files: Files
  dir: string
  signal: AbortSignal
}

/** How the process ended, and the prover's report. */
export interface PhaseResult extends ReadReport {
  outcome: ProcessOutcome
  cmd: string[]
  /** What the row says about a process that serves several iterations. */
  fields?: SessionFields
  /** For a phase within a process: where its time comes from, and the files of that process with their sizes. */
  source?: 'marks' | 'printed'
  files?: Files
  sized?: Awaited<ReturnType<typeof sizeArtifacts>>
}

/** Runs the process of a phase to its end and reads the prover's report. */
export async function runPhaseProcess(job: PointJob, run: PhaseProcess): Promise<PhaseResult> {
  const spec = job.prover.phases[run.phase]!
  if (job.prover.warm && 'run' in spec) return callWarm(job, run)
  if (asksService(spec)) return askService(job, run, spec)
  const from = { source: job.planned.source, root: job.plan.root }
  const context = commandContext(job, run)
  const own = isShared(spec) ? { ...context, iterations: 1 } : context
  return runCommand(job, run, commandOf(job.prover, run.phase, own, from))
}

/** A phase that needs the prover's service: a request to it, or the command of a client. */
async function askService(
  job: PointJob,
  run: PhaseProcess,
  spec: RequestPhase | CommandPhase,
): Promise<PhaseResult> {
  let client: PhaseResult | undefined
  job.progress(run)
  const { cmd, ...served } = await job.session!.service.serve({
    ...servedPhase(job, run),
    service: job.prover.service!,
    keepLines: linesToKeep(job.prover),
    ...('request' in spec ? { request: spec.request } : {}),
    runClient: async (context) => {
      client = await runCommand(job, run, (spec as CommandPhase).command(context))
      return client.outcome
    },
  })
  const read = await readReport(job.prover, run.phase, served.outcome.output, run.files)
  return { ...read, ...served, cmd: cmd ?? client?.cmd ?? [] }
}

async function callWarm(job: PointJob, run: PhaseProcess): Promise<PhaseResult> {
  const { source } = job.planned
  job.progress(run)
  const served = await job.session!.warm.call({ source, root: job.plan.root }, servedPhase(job, run))
  const read = await readReport(job.prover, run.phase, served.outcome.output, run.files)
  return { ...read, ...served, cmd: [process.execPath, source, run.phase] }
}

function servedPhase(job: PointJob, run: PhaseProcess): ServedPhase {
  const { phase, dir, signal } = run
  const { timeout_s, memory_limit_mb } = job.plan.options
  return {
    prover: job.prover.name,
    phase,
    context: commandContext(job, run),
    dir,
    signal,
    timeoutS: timeout_s[phase],
    memoryLimitMb: memory_limit_mb,
    isConcurrent: proofsAtOnce(job, phase) > 1,
  }
}

/** Runs a phase's preparation, unmeasured; undefined if the prover has none. */
export async function runPreparation(job: PointJob, run: PhaseProcess): Promise<PhaseResult | undefined> {
  const prepare = job.prover.phases[run.phase]?.prepare
  return prepare && runCommand(job, run, prepare(commandContext(job, run)))
}

export function commandContext({ plan, point, planned }: PointJob, { files }: PhaseProcess): PhaseContext {
  const limitMb = usableMb(plan)
  const { settings, located } = planned
  return { files, settings, located, params: point.params, ...(limitMb === undefined ? {} : { limitMb }) }
}

async function runCommand(job: PointJob, run: PhaseProcess, command: Command): Promise<PhaseResult> {
  const outcome = await runProcess(specOf(job, run, command, job.plan.options.timeout_s[run.phase]))
  const read = await readReport(job.prover, run.phase, outcome.output, run.files)
  return { ...read, outcome, cmd: [command.file, ...command.args] }
}

/** How a command of a point is run, with the limits of the plan. */
export function specOf(
  { prover, plan, planned, progress }: PointJob,
  { phase, iteration, dir, signal }: PhaseProcess,
  command: Command,
  timeoutS: number | undefined,
): ProcessSpec {
  const { memory_limit_mb, launcher } = plan.options
  return {
    ...command,
    cwd: dir,
    signal,
    onSample: progress({ phase, iteration }),
    timeoutMs: timeoutS === undefined ? undefined : timeoutS * 1000,
    memoryLimitMb: memory_limit_mb,
    launcher,
    cpus: planned.settings.cpus,
    keepLines: linesToKeep(prover),
  }
}

/** One warning for each counter that the first phase of this prover always prints but did not print. */
export function missingCounters(
  { prover }: PointJob,
  phase: Phase,
  { counters = {} }: PhaseReport,
): string[] {
  if (phase !== phasesOf(prover)[0]) return []
  return (prover.counters ?? [])
    .filter((name) => !(name in counters))
    .map((name) => `COUNTER_MISSING: ${name} was not printed`)
}
