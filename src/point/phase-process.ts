import { runProcess } from '../process/run-process.ts'
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
} from '../prover/contract.ts'
import { commandOf, linesToKeep } from '../prover/phase-command.ts'
import { readReport } from '../prover/read-report.ts'
import type { Phase, Row } from '../row/schema.ts'
import { usableMb } from './memory-guard.ts'
import type { PhaseResult } from './phase-row.ts'
import type { PointJob } from './point.ts'
import { proofsAtOnce } from './schedule.ts'
import type { Served, ServedPhase } from './session-process.ts'

/** One iteration of a phase, reduced to what running it needs. */
export interface PhaseProcess {
  phase: Phase
  iteration: number
  files: Files
  dir: string
  signal: AbortSignal
}

/** Runs the process of a phase to its end and reads the prover's report. */
export async function runPhaseProcess(job: PointJob, run: PhaseProcess): Promise<PhaseResult> {
  const { prover, plan, planned, session } = job
  const { phase } = run
  const spec = prover.phases[phase]!
  const from = { source: planned.source, root: plan.root }
  if (prover.warm && 'run' in spec) {
    const ran = await runServed(job, run, (served) => session!.warm.call(from, served))
    return { ...ran, cmd: [process.execPath, from.source, phase] }
  }
  if (asksService(spec)) {
    return runServed(job, run, (served) =>
      session!.service.serve({
        ...served,
        service: prover.service!,
        keepLines: linesToKeep(prover),
        ...('request' in spec ? { request: spec.request } : {}),
        runClient: (context) => runCommand(job, run, (spec as CommandPhase).command(context)),
      }),
    )
  }
  const context = commandContext(job, run)
  const own = isShared(spec) ? { ...context, iterations: 1 } : context
  return runCommand(job, run, commandOf(prover, phase, own, from))
}

/** A phase that a process of the session serves. */
async function runServed(
  job: PointJob,
  run: PhaseProcess,
  serve: (phase: ServedPhase) => Promise<Served>,
): Promise<PhaseResult> {
  const { prover, plan, progress } = job
  const { phase, dir, signal } = run
  progress(run)
  const served = await serve({
    prover: prover.name,
    phase,
    context: commandContext(job, run),
    dir,
    signal,
    timeoutS: plan.options.timeout_s[phase],
    memoryLimitMb: plan.options.memory_limit_mb,
    isConcurrent: proofsAtOnce(job, phase) > 1,
  })
  const read = await readReport(prover, phase, served.outcome.output, run.files)
  return { cmd: [], ...read, ...served }
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

/** What the prover itself reported in a row, in the words of `Prover.figures`. */
export function figuresOf({ time_s_rust, mem_mb_rust, ecc, spans }: Row): string[] {
  return [
    ...(time_s_rust == null ? [] : ['time']),
    ...(mem_mb_rust == null ? [] : ['memory']),
    ...(Object.keys(ecc ?? {}).length ? ['counters'] : []),
    ...Object.keys(spans ?? {}).flatMap((name) => ['spans', `spans.${name}`]),
  ]
}

/** A warning about the figures of this prover that no phase reported. */
export function missingFigures({ prover }: PointJob, reported: ReadonlySet<string>): string[] {
  const missing = (prover.figures ?? []).filter((name) => !reported.has(name))
  if (!missing.length) return []
  return [
    `FIGURE_MISSING: no phase gave a figure for ${missing.join(', ')}: compare what is looked for with what each row's cmd prints`,
  ]
}
