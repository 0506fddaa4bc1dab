import { asFailed, runProcess, type ProcessOutcome } from '../process/run-process.ts'
import { phasesOfProcess, type SharedPhase } from '../prover/contract.ts'
import { PassageReader, type Passage } from '../prover/passages.ts'
import { linesToKeep } from '../prover/phase-command.ts'
import { readReport } from '../prover/read-report.ts'
import type { Phase } from '../row/schema.ts'
import { pathsOfProcess, sizeArtifacts } from './artifacts.ts'
import { commandContext, specOf, type PhaseProcess } from './phase-process.ts'
import type { PhaseResult } from './phase-row.ts'
import type { PointJob } from './point.ts'

/** Iterations that a process has run and that have no row yet, by point. */
const waiting = new WeakMap<PointJob, Map<Phase, PhaseResult[]>>()

/** The next iteration of a phase: one that an earlier process has run, or else the first one of a new process. */
export async function takeFromProcess(job: PointJob, run: PhaseProcess): Promise<PhaseResult> {
  let queues = waiting.get(job)
  if (!queues) waiting.set(job, (queues = new Map()))
  const ready = queues.get(run.phase)?.shift()
  if (ready) return ready
  for (const [phase, results] of await runAll(job, run)) {
    queues.set(phase, [...(queues.get(phase) ?? []), ...results])
  }
  return queues.get(run.phase)!.shift()!
}

/** Whether a process has run an iteration of this phase, to its end or to the end of the run, that has no row yet. */
export function hasRun(job: PointJob, phase: Phase): boolean {
  const [next] = waiting.get(job)?.get(phase) ?? []
  return next !== undefined && ['ok', 'cancelled'].includes(next.outcome.status)
}

/** Runs one process; each of its phases has at least one result, but not those after a phase that failed. */
async function runAll(job: PointJob, run: PhaseProcess): Promise<Map<Phase, PhaseResult[]>> {
  const { prover } = job
  const phases = phasesOfProcess(prover, run.phase)
  const specs = phases.map((phase) => [phase, prover.phases[phase] as SharedPhase] as const)
  const files = { ...run.files, ...pathsOfProcess(prover, run.phase, run.dir) }
  const command = specs[0]![1].command!({
    ...commandContext(job, run),
    files,
    iterations: wantedOf(job, phases),
  })
  const bounds = new Map(specs.map(([phase, own]) => [phase, own.bounds]))
  const allBounds = [...bounds.values()]
  const reader = new PassageReader(bounds, linesToKeep(prover))
  const outcome = await runProcess({
    ...specOf(job, run, command, timeoutOf(job, phases)),
    onLine: (line) => reader.onLine(line),
    marksDir: allBounds.includes('waits') ? run.dir : undefined,
    // A program that only prints durations needs no monitor.
    onMoment: allBounds.every((own) => own !== 'waits' && 'time' in own)
      ? undefined
      : (moment) => reader.onMoment(moment),
  })
  const failing = findFailing(reader, phases, outcome)
  const cmd = [command.file, ...command.args]
  // A program may print its counters after the phase that they belong to.
  const whole = await readReport(prover, phases[0]!, outcome.output, files)
  const results = new Map<Phase, PhaseResult[]>()
  for (const phase of phases) {
    const sized = await sizeArtifacts(prover, phase, files)
    const passages: (Passage | undefined)[] = reader.passages.filter((own) => own.phase === phase)
    const last = passages.length - 1
    // A phase that ended badly has its own row, unless it had already passed its end mark.
    if (phase === failing?.phase && (!failing.isComplete || last < 0)) passages.push(undefined)
    if (!passages.length) {
      // A phase that was not reached is skipped together with the one before it, unless it is the one that was
      // requested.
      const isAfter = failing !== undefined && phases.indexOf(failing.phase) < phases.indexOf(phase)
      if (isAfter && phase !== run.phase) continue
      passages.push(undefined)
    }
    const iterations = passages.map(async (passage, index): Promise<PhaseResult> => {
      const isBad = phase === failing?.phase && index === passages.length - 1
      const own = await readReport(prover, phase, passage?.output ?? outcome.output, files)
      const spans = { ...own.report.spans, ...passage?.spans }
      const { counters = {} } = phase === phases[0] ? whole.report : own.report
      const isUnmarked = isBad ? reader.fault !== undefined && outcome.status === 'ok' : !passage
      const fault = (isBad && reader.fault) || `no ${phase} was seen in the output or at the marks`
      const judged = isUnmarked ? asFailed(outcome, 'MARKS_INVALID', fault) : outcome
      const part: ProcessOutcome = {
        ...judged,
        ...(passage && !isBad ? { status: 'ok', return_code: 0, signal: null, error: null } : {}),
        measurement: passage?.measurement ?? { time_s: null, mem_mb: null },
      }
      return {
        warnings: [
          ...new Set([...own.warnings, ...(phase === phases[0] ? whole.warnings : [])]),
          ...(passage?.warnings ?? []),
          ...describeExcess(phase, passage, outcome),
        ],
        report: { ...own.report, counters, spans: Object.keys(spans).length ? spans : undefined },
        outcome: part,
        cmd,
        files,
        sized,
        source: passage?.source ?? 'marks',
      }
    })
    results.set(phase, await Promise.all(iterations))
  }
  return results
}

/** A printed duration that is longer than its process ran is in another unit, or wrong. */
function describeExcess(
  phase: Phase,
  passage: Passage | undefined,
  { measurement }: ProcessOutcome,
): string[] {
  const [timeS, wholeS] = [passage?.measurement.time_s ?? 0, measurement.time_s]
  if (passage?.source !== 'printed' || wholeS == null || timeS <= wholeS * EXCESS) return []
  return [`OUTPUT_UNREADABLE: ${phase} is printed to have taken ${timeS} s, its process ran ${wholeS} s`]
}

/** Clocks may differ by this factor. */
const EXCESS = 1.01

/** The most iterations that any phase of the process needs from it: the first phases are repeated less often. */
function wantedOf({ plan }: PointJob, phases: readonly Phase[]): number {
  const { iterations, sampling } = plan.options
  const own = phases.map((phase) => (sampling && phase !== 'compile' ? sampling.min : iterations[phase]))
  return Math.max(...own)
}

/** The phases of a process share the sum of their timeouts; undefined if one of them has none. */
function timeoutOf({ plan }: PointJob, phases: readonly Phase[]): number | undefined {
  const timeouts = phases.map((phase) => plan.options.timeout_s[phase] ?? Infinity)
  const sum = timeouts.reduce((total, own) => total + own, 0)
  return Number.isFinite(sum) ? sum : undefined
}

/** The phase at which a process went wrong; undefined if it ended well and its marks are in order. */
function findFailing(
  reader: PassageReader,
  phases: readonly Phase[],
  { status }: ProcessOutcome,
): { phase: Phase; isComplete: boolean } | undefined {
  if (status === 'ok' && reader.open) reader.fault ??= `${reader.open} began and never ended`
  if (status === 'ok' && reader.fault === undefined) return undefined
  const seen = new Set(reader.passages.map(({ phase }) => phase))
  const phase = reader.open ?? phases.find((own) => !seen.has(own))
  // It ended badly after its last mark: a verifier reports a rejection with its exit code.
  return phase ? { phase, isComplete: false } : { phase: reader.passages.at(-1)!.phase, isComplete: true }
}
