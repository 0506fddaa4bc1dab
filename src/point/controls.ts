import type { ProcessOutcome } from '../process/run-process.ts'
import type { Files } from '../prover/contract.ts'
import type { Phase, Row } from '../row/schema.ts'
import { compareOutput, type OutputComparison } from './compare-output.ts'
import { tryForgery, type ForgeryTrial } from './forgery.ts'
import type { PointJob } from './job.ts'

/** What the negative controls of a point found, and the fields of the verify row that say so. */
export interface Controls {
  trials: readonly ForgeryTrial[]
  comparison: OutputComparison
}

interface ControlledRun {
  phase: Phase
  iteration: number
  files: Files
  dir: string
  signal: AbortSignal
  /** The point's own input file, as the user gave it. */
  input: string
  /** What earlier phases reported beside their figures. */
  extra: Readonly<Record<string, unknown>>
}

/** Runs the controls after the first good verify of a point; undefined elsewhere. */
export async function runControls(job: PointJob, run: ControlledRun): Promise<Controls | undefined> {
  if (!job.plan.options.controls || run.phase !== 'verify' || run.iteration !== 1) return undefined
  const trials: ForgeryTrial[] = []
  for (const target of ['proof', 'output'] as const) trials.push(await tryForgery(job, run, target))
  return { trials, comparison: await compareOutput(job, run) }
}

/** A verifier that accepts a forgery, or proves another output than the model's, has not ended well. */
export function judgeControls(outcome: ProcessOutcome, controls: Controls | undefined): ProcessOutcome {
  if (!controls || outcome.status !== 'ok') return outcome
  const accepted = controls.trials.filter(({ result }) => result === 'accepted').map(({ target }) => target)
  const { maxAbsError = 0, tolerance = Infinity, worst } = controls.comparison
  if (accepted.length) {
    const message = `verify accepted a forged ${accepted.join(' and a forged ')}`
    return { ...outcome, status: 'failed', error: { code: 'FORGERY_ACCEPTED', message, tail: outcome.tail } }
  }
  // Not a number is no agreement either.
  if (maxAbsError <= tolerance) return outcome
  const where = worst
    ? `: ${worst.place} is expected to be ${worst.expected}, ${worst.proved} was proved`
    : ''
  const message = `the proved output differs from the float model by ${maxAbsError}, quantisation explains ${tolerance}${where}`
  return { ...outcome, status: 'failed', error: { code: 'OUTPUT_MISMATCH', message, tail: outcome.tail } }
}

/** The controls as fields of the verify row. */
export function controlFields({ trials, comparison }: Controls): Partial<Row> {
  const { maxAbsError, tolerance } = comparison
  return {
    controls: Object.fromEntries(trials.map(({ target, result }) => [target, result])),
    ...(maxAbsError === undefined || !Number.isFinite(maxAbsError)
      ? {}
      : { output_max_abs_error: maxAbsError }),
    ...(tolerance === undefined ? {} : { output_tolerance: tolerance }),
  }
}

/** What a reader of the row should know of controls that came to no result. */
export function controlWarnings({ trials, comparison }: Controls): string[] {
  return [
    ...trials
      .filter(({ result }) => result === 'inconclusive')
      .map(({ target, why }) => `control of a forged ${target} is inconclusive: ${why}`),
    ...(comparison.why ? [`the proved output was not compared with the float model: ${comparison.why}`] : []),
  ]
}
