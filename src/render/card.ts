import { describeAccuracy, isComparable, describeProved } from '../row/proved.ts'
import type { ControlResults } from '../row/series.ts'
import { formatDisturbed, type PhaseSummary, type PointSummary } from '../row/summary.ts'
import type { FailureGroup } from '../row/failures.ts'
import { formatCount } from '../row/metrics.ts'
import { cleanText, formatBytes, formatFigure, formatPercent } from './format.ts'
import { renderPhaseTable } from './phase-table.ts'
import { createLinePaint, wrapItems } from './table.ts'
import { createPaint, type CardStyle } from './terminal.ts'
import { countOf } from '../lib/names.ts'

interface CardOptions {
  /** One line each for counters and sizes, no frame, sources only if unusual: for a run of many points. */
  brief?: boolean
}

/** The card of one point: a table of its phases, then counters, sizes, sources of the figures and remarks. */
export function renderCard(
  point: PointSummary,
  style: CardStyle,
  { brief = false }: CardOptions = {},
): string {
  const paint = createPaint(style)
  const { phases } = point
  const wrap = (label: string, items: readonly string[]) => wrapItems(label, items, style.width)
  const paintLines = createLinePaint(style)
  const counters = listCounters(point)
  const isUsual =
    point.clock === 'wall' &&
    !point.variant['page_cache'] &&
    !phases.some(({ mem_lower_bound }) => mem_lower_bound)
  return [
    ...wrap('', titleOf(point)).map((line) => paint('bold', line)),
    renderPhaseTable(phases, style, { isFramed: !brief }),
    ...[
      ...(brief ? shortenItems('counters', counters, style.width) : wrap('counters', counters)),
      ...(brief
        ? shortenItems('sizes', listSizes(point, 'proof'), style.width)
        : wrap('sizes', listSizes(point))),
      ...(brief && isUsual ? [] : wrap('figures', listSources(point))),
      ...(brief ? [] : wrap('proves', describeProved(point.security))),
      ...(brief ? [] : phases.flatMap((phase) => wrap(`in ${phase.phase}`, listSpans(phase)))),
      ...wrap('controls', phases.flatMap(brief ? describeControlsBriefly : describeControls)),
    ].map((line) => paint(null, line)),
    ...paintLines(null, ...phases.flatMap(describeSampling), ...phases.flatMap(describeLoaded)),
    ...paintLines('red', ...phases.flatMap(describeFailures)),
    ...paintLines('yellow', ...describeWarnings(point)),
  ].join('\n')
}

function titleOf({ point, track, prover, label, param_count }: PointSummary): string[] {
  const parts = [
    cleanText(point, 80),
    track && `track ${cleanText(track, 40)}`,
    prover && cleanText([prover.name, prover.version].filter(Boolean).join(' '), 60),
    label && label !== prover?.name && cleanText(label.slice(prover?.name.length ?? 0).trim(), 80),
    param_count !== null && countOf(param_count, 'parameter', formatCount(param_count)),
  ]
  return parts.filter((part) => typeof part === 'string')
}

function listCounters({ counters }: PointSummary): string[] {
  const { totalCost, ...others } = counters
  const ordered = Object.entries(totalCost ? { totalCost, ...others } : others)
  return ordered.map(([name, { max }]) => `${cleanText(name, 60)} ${formatCount(max)}`)
}

function listSizes({ sizes_bytes }: PointSummary, first?: string): string[] {
  const sizes = Object.entries(sizes_bytes).toSorted(([a], [b]) => Number(b === first) - Number(a === first))
  return sizes.map(([name, { min, max }]) => {
    const [least, most] = [formatBytes(min), formatBytes(max)]
    return `${cleanText(name, 60)} ${least === most ? most : `${least} to ${most}`}`
  })
}

function listSources({ clock, phases, reported, variant: { page_cache: files } }: PointSummary): string[] {
  if (reported) return ['published by others, not measured here']
  const time = clock === 'wall' ? 'wall clock' : "the prover's own (rows without time_source)"
  const sources = new Set(phases.flatMap(({ mem_sources }) => mem_sources))
  const lower = phases.filter(({ mem_lower_bound }) => mem_lower_bound).map(({ phase }) => phase)
  return [
    `time: ${time}`,
    ...(sources.size > 0 ? [`memory: ${cleanText([...sources].join(', '))}`] : []),
    ...(typeof files === 'string' ? [`page cache: ${cleanText(files, 20)}`] : []),
    ...(lower.length > 0 ? [`memory of ${lower.join(', ')} may have missed a peak`] : []),
  ]
}

/** Parts of a phase, with their share of its time. */
function listSpans({ spans, time_s }: PhaseSummary): string[] {
  return Object.entries(spans).map(([name, { median }]) => {
    const share = time_s?.median ? ` (${formatPercent(median / time_s.median)})` : ''
    return `${cleanText(name, 60)} ${formatFigure(median, 's')} s${share}`
  })
}

/** Fits items on one line: as many as there is room for, then the number left out. */
function shortenItems(label: string, items: readonly string[], width: number): string[] {
  for (let count = items.length; count > 1; count--) {
    const more = items.length - count
    const shown = [...items.slice(0, count), ...(more ? [`${more} more`] : [])]
    const lines = wrapItems(label, shown, width)
    if (lines.length === 1) return lines
  }
  return wrapItems(label, items.slice(0, 1), width)
}

/** Enough for the path of a program and an error message. */
const MESSAGE_WIDTH = 300

/** One line for each kind of failure of a phase. */
function describeFailures({ phase, failures }: PhaseSummary): string[] {
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

/** The interval of a phase with a sampling plan, and whether its target was met. */
function describeSampling({
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
  return [
    `${phase}: ${median}, ${formatPercent(confidence)} interval over iterations ${ends}${width}; ${plan}`,
  ]
}

/** `prove: loaded in 0.350 s, then p50 0.0612 s, p95 0.0801 s, 58.2 proofs per minute`: a warm prover or a service. */
function describeLoaded({
  phase,
  latency,
  proofs_per_minute: rate,
  time_s_load: load,
}: PhaseSummary): string[] {
  if (!latency) return []
  const percentiles = Object.entries(latency).flatMap(([name, value]: [string, number | null]) =>
    value === null ? [] : [`${name} ${formatFigure(value, 's')} s`],
  )
  const loaded = load ? `loaded in ${formatFigure(load.median, 's')} s, then ` : ''
  const proofs = rate === null ? [] : [`${formatFigure(rate, 'plain')} proofs per minute`]
  return [`${phase}: ${loaded}${[...percentiles, ...proofs].join(', ')}`]
}

/**
 * What a reader should know about the figures: doubtful series, clocks that disagree, figures that are pooled or vary.
 */
function describeWarnings({ phases, mixed, counters }: PointSummary): string[] {
  const varying = Object.entries(counters).filter(([, { min, max }]) => min !== max)
  return [
    ...describeDisturbance(phases),
    ...phases.flatMap(({ phase, warnings }) =>
      warnings.flatMap(({ message, share }) => (share ? [] : [`! ${phase}: ${cleanText(message)}`])),
    ),
    ...varying.map(
      ([name, { min, max }]) => `! ${cleanText(name, 60)} varies: ${formatCount(min)} to ${formatCount(max)}`,
    ),
    ...(mixed.length > 0 ? [`! rows of more than one ${mixed.join(', ')} are pooled here`] : []),
  ]
}

/** One line, however many phases were disturbed. */
function describeDisturbance(phases: readonly PhaseSummary[]): string[] {
  const disturbed = phases.flatMap(({ phase, warnings }) =>
    warnings.flatMap(({ message, share }) => (share ? [{ phase, message, share }] : [])),
  )
  const [first, ...others] = disturbed
  if (!first) return []
  if (!others.length) return [`! ${first.phase}: ${first.message}`]
  const shares = disturbed.map(({ phase, share }) => {
    const count = share.of === 1 ? '' : ` (${share.n} of ${share.of})`
    return `${phase} ${formatDisturbed(share)}${count}`
  })
  return [`! disturbed by other programs, part of the time: ${shares.join(', ')}`]
}

/** Whether the forgeries were rejected, and the distance of the proved output from the float model. */
function describeControls({ controls }: PhaseSummary): string[] {
  if (!controls) return []
  const { proof, output, why, proof_changes, accuracy } = controls
  if (why && !proof_changes && proof === 'not_applicable' && output === 'not_applicable')
    return [`no forgery tried: ${cleanText(why)}`, ...describeOutput(controls)]
  return [
    ...(proof && !proof_changes ? [`forged proof ${proof.replaceAll('_', ' ')}`] : []),
    ...(output ? [`forged output ${output.replaceAll('_', ' ')}`] : []),
    ...(proof_changes ? [describeChanges(proof_changes)] : []),
    ...describeOutput(controls),
    ...(accuracy ? describeAccuracy(accuracy) : []),
  ]
}

function describeOutput({
  output_max_abs_error: error,
  output_tolerance: tolerance,
  accuracy,
}: ControlResults): string[] {
  if (error === null) return []
  const within = tolerance === null ? '' : ` (${formatFigure(tolerance, 'plain')} allowed)`
  const off = `output error against the float model at most ${formatFigure(error, 'plain')}${within}`
  return [accuracy && !isComparable(tolerance, accuracy) ? `output not compared: ${off.slice(7)}` : off]
}

/** `proof changed at 16 places: 14 rejected, 2 inconclusive`. */
function describeChanges(changes: Readonly<Record<string, number>>): string {
  const counts = Object.entries(changes).filter(([, count]) => count > 0)
  const places = counts.reduce((sum, [, count]) => sum + count, 0)
  return `proof changed at ${countOf(places, 'place')}: ${counts.map(([how, count]) => `${count} ${how}`).join(', ')}`
}

/** The same, but with both forgeries in one item if both were rejected. */
function describeControlsBriefly(summary: PhaseSummary): string[] {
  const [proof, output, ...rest] = describeControls(summary)
  const areRejected = proof === 'forged proof rejected' && output === 'forged output rejected'
  return areRejected ? ['forged proof and output rejected', ...rest] : describeControls(summary)
}
