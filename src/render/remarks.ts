import type { PointSummary } from '../row/aggregate.ts'
import type { FailureGroup } from '../row/failures.ts'
import type { PhaseSummary } from '../row/phase-summary.ts'
import { cleanText, formatFigure, formatPercent } from './format.ts'
import { formatCount } from '../row/metrics.ts'

/** Enough for the path of a program and its message. */
const MESSAGE_WIDTH = 300

/** One line for each way in which rows of a phase failed. */
export function describeFailures({ phase, failures }: PhaseSummary): string[] {
  return failures.map((failure) => `✗ ${phase}: ${describeFailure(failure)}`)
}

function describeFailure({
  status,
  code,
  return_code,
  signal,
  count,
  iterations,
  message,
}: FailureGroup): string {
  const details = [
    code && cleanText(code, 60),
    return_code !== null && `exit code ${return_code}`,
    signal && `signal ${cleanText(signal, 20)}`,
    iterations.length > 0 &&
      `iteration ${iterations.join(', ')}${count > iterations.length ? ' and later' : ''}`,
  ].filter((detail) => typeof detail === 'string')
  const named = `${formatCount(count)} ${status.replaceAll('_', ' ')}`
  return `${named}${details.length ? ` (${details.join(', ')})` : ''}${message ? `: ${cleanText(message, MESSAGE_WIDTH)}` : ''}`
}

/** The interval of a phase whose iterations a sampling plan decided, and whether its target was met. */
export function describeSampling({
  phase,
  time_s,
  time_s_interval,
  relative_half_width,
  sampling,
}: PhaseSummary): string[] {
  if (!sampling || !time_s) return []
  const { target, min, max, met, confidence } = sampling
  const plan = `target ± ${formatPercent(target)} ${met ? 'met' : 'not met'} with n ${time_s.n} of ${min} to ${max}`
  if (!time_s_interval) return [`${phase}: ${plan}, too few for an interval at ${formatPercent(confidence)}`]
  const ends = `${formatFigure(time_s_interval.lo, 's')} to ${formatFigure(time_s_interval.hi, 's')} s`
  const width = relative_half_width === null ? '' : ` (± ${formatPercent(relative_half_width)})`
  const median = `median ${formatFigure(time_s.median, 's')} s`
  return [`${phase}: ${median}, ${formatPercent(confidence)} interval ${ends}${width}; ${plan}`]
}

/** What a reader of the figures should know: doubtful series, clocks that disagree, figures pooled or varying. */
export function describeWarnings({ phases, mixed, counters }: PointSummary): string[] {
  const varying = Object.entries(counters).filter(([, { min, max }]) => min !== max)
  return [
    ...phases.flatMap(({ phase, warnings }) =>
      warnings.map(({ message }) => `! ${phase}: ${cleanText(message)}`),
    ),
    ...varying.map(
      ([name, { min, max }]) => `! ${cleanText(name, 60)} varies: ${formatCount(min)} to ${formatCount(max)}`,
    ),
    ...(mixed.length > 0 ? [`! rows of more than one ${mixed.join(', ')} are pooled here`] : []),
  ]
}

/** Whether the forgeries were rejected, and how far the proved output is from the float model. */
export function describeControls({ controls }: PhaseSummary): string[] {
  if (!controls) return []
  const { proof, output, output_max_abs_error: error, output_tolerance: tolerance } = controls
  const within = tolerance === null ? '' : ` (${formatFigure(tolerance, 'plain')} allowed)`
  return [
    ...(proof ? [`forged proof ${proof.replaceAll('_', ' ')}`] : []),
    ...(output ? [`forged output ${output.replaceAll('_', ' ')}`] : []),
    ...(error === null
      ? []
      : [`output off the float model by at most ${formatFigure(error, 'plain')}${within}`]),
  ]
}

/** The same, with the two forgeries in one where both were rejected. */
export function describeControlsBriefly(summary: PhaseSummary): string[] {
  const [proof, output, ...rest] = describeControls(summary)
  const areRejected = proof === 'forged proof rejected' && output === 'forged output rejected'
  return areRejected ? ['forged proof and output rejected', ...rest] : describeControls(summary)
}
