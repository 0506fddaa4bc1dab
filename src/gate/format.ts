import { formatCount, formatMetric, metricId } from '../row/metrics.ts'
import type { Check, ComparedCheck, Side } from './verdict.ts'

/** `1.234 s`, `237.1 MB`, `40,536 B`, `23,521,323`, the first digits of a digest; a dash if there is no value. */
export function formatSide(metric: string, side: Side | null): string {
  if (!side) return '—'
  if (typeof side.value === 'string') return side.value.slice(0, 12)
  return formatMetric(metric, side.value)
}

/** The smallest growth that does not round to zero. */
const TELLING = 0.0005

/** `+12.3 %`. Exact figures also get the difference, since a change by one may round to 0 %. */
export function formatChange({ baseline, now, change, p }: ComparedCheck): string {
  const percent = change === null ? null : formatGrowth(change)
  if (p !== null || typeof baseline?.value !== 'number' || typeof now?.value !== 'number') {
    if (percent !== null) return percent
    return baseline && now && baseline.value !== now.value ? 'changed' : '—'
  }
  const difference = now.value - baseline.value
  if (difference === 0 || !Number.isInteger(difference)) return percent ?? '—'
  const isTold = percent !== null && Math.abs(change!) >= TELLING
  return `${difference > 0 ? '+' : ''}${formatCount(difference)}${isTold ? ` (${percent})` : ''}`
}

export function formatInterval({ interval }: ComparedCheck): string {
  return interval ? `${formatGrowth(interval.lo)} to ${formatGrowth(interval.hi)}` : '—'
}

/** The smallest growth that would have been found; a dash if it is not known. */
export function formatDetectable(check: Check): string {
  return check.verdict === 'inconclusive' && check.detectable !== null ? formatGrowth(check.detectable) : '—'
}

export function formatVerdict({ verdict, level }: Check): string {
  if (verdict === 'regression') return level === 'warn' ? 'over, warned' : 'REGRESSION'
  return verdict.replaceAll('_', ' ')
}

/** `time_s@prove at depth_d1_c1_p1_f1_r2`. */
export function nameCheck({ metric, phase, point, variant }: Check): string {
  return `${metricId(metric, phase)} at ${point}${variant ? ` [${variant}]` : ''}`
}

/** One self-contained sentence: what, where, from what to what, against which limit, and why. */
export function describeCheck(check: Check): string {
  const parts = [`${nameCheck(check)}: ${formatVerdict(check)}`]
  if (check.verdict !== 'failed') {
    const { metric, baseline, now } = check
    if (baseline) parts.push(`${formatSide(metric, baseline)} in the baseline (n ${baseline.n})`)
    if (now) parts.push(`${formatSide(metric, now)} now (n ${now.n})`)
    if (baseline && now) parts.push(formatChange(check))
    if (check.interval) parts.push(`interval ${formatInterval(check)} (of ${check.interval.of})`)
    if (check.limit) parts.push(`limit ${check.limit}`)
  }
  if (check.reason) parts.push(check.reason)
  if (check.verdict === 'inconclusive' && check.detectable !== null)
    parts.push(`${formatDetectable(check)} would have been found`)
  return parts.join(', ')
}

function formatGrowth(part: number): string {
  const percent = 100 * part
  // No change at all must not show as +0.0 %.
  const digits = Math.abs(percent) < 100 ? percent.toFixed(1) : formatCount(Math.round(percent))
  return `${percent > 0 ? '+' : ''}${digits} %`
}
