import { describeCheck, formatVerdict, nameCheck } from './format.ts'
import type { GateRules } from './schema.ts'
import { type Check, type GateReport, isFatal, isUnjudged, summarizeReport } from './verdict.ts'

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
