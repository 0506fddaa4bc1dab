import { describeCheck, formatVerdict, nameCheck } from './format.ts'
import type { GateRules } from './options.ts'
import { type Check, type GateReport, isFatal, isUnjudged, summarizeReport } from './verdict.ts'
import { median } from 'simple-statistics'
import { estimateMedianInterval } from '../row/statistics/describe.ts'
import { labelSeries, okCount, type Series } from '../row/series.ts'

/** The verdicts as a separate JUnit suite with one test case per check. */
export function renderJunit(report: GateReport, rules: GateRules): string {
  const { checks, notes } = report
  const failures = checks.filter(isFatal).length
  const errors = checks.filter((check) => isUnjudged(check, rules)).length
  const skipped = checks.filter((check) => isSkipped(check, rules)).length
  const totals = `tests="${checks.length}" failures="${failures}" errors="${errors}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="provemark gate" ${totals}>`,
    `  <testsuite name="provemark gate" ${totals} skipped="${skipped}">`,
    ...checks.map((check) => renderCase(check, rules)),
    `    <system-out>${escapeText([summarizeReport(report), ...notes].join('\n'))}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function renderCase(check: Check, rules: GateRules): string {
  const { track, point, limit } = check
  const suite = [track, point].filter(Boolean).join('.')
  const name = `${nameCheck(check)}${limit === null ? '' : ` within ${limit}`}`
  const head = `    <testcase classname="${escapeText(suite)}" name="${escapeText(name)}"`
  const body = renderOutcome(check, rules)
  return body ? `${head}>\n      ${body}\n    </testcase>` : `${head}/>`
}

function renderOutcome(check: Check, rules: GateRules): string | null {
  const message = escapeText(describeCheck(check))
  const type = escapeText(formatVerdict(check))
  if (isFatal(check)) return `<failure type="${type}" message="${message}"/>`
  if (isUnjudged(check, rules)) return `<error type="${type}" message="${message}"/>`
  if (isSkipped(check, rules)) return `<skipped message="${message}"/>`
  return check.verdict === 'ok' ? null : `<system-out>${message}</system-out>`
}

/** Not judged, but allowed to pass. */
function isSkipped(check: Check, rules: GateRules): boolean {
  return (
    ['missing', 'inconclusive', 'not_comparable'].includes(check.verdict) &&
    !isFatal(check) &&
    !isUnjudged(check, rules)
  )
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
}

/** XML cannot represent most control characters or lone surrogates, not even escaped. */
function escapeText(text: string): string {
  return (
    text
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex -- control characters are what has to go
      .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD')
      .replaceAll(/[&<>"\n]/g, (sign) => ENTITIES[sign]!)
  )
}

interface Metric {
  value: number
  lower_value?: number
  upper_value?: number
}

const NANOSECONDS = 1e9

/**
 * The figures of a run in Bencher Metric Format: one benchmark per phase of each point, one measure per metric. The
 * value is the median, with the ends of its 95 % interval if there are enough iterations. Wall time becomes `latency`
 * in nanoseconds, Bencher's built-in measure; other metrics keep their name and unit.
 */
export function makeBmf(series: readonly Series[]): Record<string, Record<string, Metric>> {
  const good = series.filter((own) => okCount(own) > 0)
  labelSeries(series)
  return Object.fromEntries(
    good.map((own) => [
      nameOf(own),
      Object.fromEntries([...own.numbers].map(([metric, values]) => measure(metric, values.toArray()))),
    ]),
  )
}

const nameOf = ({ track, point, label, side, phase }: Series) =>
  [track, point, label, side, phase].filter(Boolean).join('/')

function measure(metric: string, values: readonly number[]): [string, Metric] {
  const [name, scale] = metric === 'time_s' ? ['latency', NANOSECONDS] : [metric, 1]
  const interval = estimateMedianInterval(values)
  return [
    name,
    {
      value: median(values as number[]) * scale,
      ...(interval ? { lower_value: interval.lo * scale, upper_value: interval.hi * scale } : {}),
    },
  ]
}
