import { appendFileSync } from 'node:fs'
import { makeBmf, renderJunit } from '../gate/exports.ts'
import {
  describeCheck,
  formatChange,
  formatDetectable,
  formatInterval,
  formatSide,
  formatVerdict,
  nameCheck,
} from '../gate/format.ts'
import type { GateOptions, GateRules } from '../gate/options.ts'
import {
  type Check,
  type ComparedCheck,
  type GateReport,
  groupReasons,
  isFatal,
  isUnjudged,
  summarizeReport,
} from '../gate/verdict.ts'
import { writeWhole } from '../lib/whole-file.ts'
import { formatCount } from '../row/metrics.ts'
import type { Series } from '../row/series.ts'
import { cleanText } from './format.ts'
import { renderGateMarkdown } from './gate-markdown.ts'
import { type Column, columnsOf, measureTable, createLinePaint, renderTable } from './table.ts'
import { createPaint, type CardStyle } from './terminal.ts'

const MAX_LINES = 50
const MAX_PLACES = 3

interface GateTableOptions {
  /** Also shows checks that are ok. */
  all?: boolean
  /** Compares two sides rather than a run and its baseline. */
  sides?: boolean
}

/** The gate's findings, worst first: a table, the reasons, notes and a summary line. */
export function renderGate(
  report: GateReport,
  style: CardStyle,
  { all = false, sides = false }: GateTableOptions = {},
): string {
  const paint = createPaint(style)
  const paintLines = createLinePaint(style)
  const shown = report.checks.filter(({ verdict }) => all || verdict !== 'ok')
  const more = shown.length - MAX_LINES
  const [failed, compared] = [shown.filter(isFailed), shown.filter((check) => !isFailed(check))]
  const rest = compared.slice(0, MAX_LINES)
  return [
    paint('bold', 'gate'),
    ...paintLines('red', ...failed.map((check) => `✗ ${cleanText(nameCheck(check), 200)}: ${check.reason}`)),
    ...renderChecks(rest, style, sides),
    ...(more > 0 ? [paint(null, `and ${formatCount(more)} more, all in --json`)] : []),
    ...paintLines(
      null,
      ...groupReasons(shown)
        .filter(({ checks: [first] }) => first && !isFailed(first))
        .map(({ reason, checks }) => `${listPlaces(checks)}: ${cleanText(reason, 400)}`),
    ),
    ...paintLines('yellow', ...report.notes.map((note) => `! ${cleanText(note, 400)}`)),
    ...paintLines(report.exit_code ? 'red' : null, `gate: ${summarizeReport(report)}`),
  ].join('\n')
}

/** A table, or sentences if the terminal would wrap its lines. */
function renderChecks(checks: readonly Check[], style: CardStyle, sides: boolean): string[] {
  const { unicode, columns = Infinity } = style
  if (!checks.length) return []
  const table = layOut(checks, sides ? ['a', 'b'] : ['baseline', 'now'])
  if (measureTable(table, unicode) <= columns) return [renderTable(table, unicode)]
  const sentences = checks.map((check) => cleanText(describeCheck({ ...check, reason: null }), 400))
  return createLinePaint(style)(null, ...sentences)
}

const isFailed = (check: Check) => check.verdict === 'failed'

function layOut(checks: readonly Check[], [before, after]: [string, string]): Column[] {
  const columns = columnsOf(checks as readonly ComparedCheck[])
  const column = (align: Column['align'], head: string, read: (check: ComparedCheck) => string) =>
    columns(align, head, (check) => cleanText(read(check), 60))
  const showVariant = new Set(checks.map(({ variant }) => variant)).size > 1
  return [
    column('left', 'verdict', formatVerdict),
    column('left', 'metric', ({ metric }) => metric),
    column('left', 'point', ({ point }) => point),
    column('left', 'phase', ({ phase }) => phase),
    ...(showVariant ? [column('left', 'prover', ({ variant }) => variant ?? '—')] : []),
    column('right', before, ({ metric, baseline }) => formatSide(metric, baseline)),
    column('right', after, ({ metric, now }) => formatSide(metric, now)),
    column('right', 'change', formatChange),
    column('right', nameInterval(checks), formatInterval),
    column('right', 'limit', ({ limit }) => limit ?? '—'),
    ...(checks.some(({ verdict }) => verdict === 'inconclusive')
      ? [column('right', 'would find', formatDetectable)]
      : []),
  ]
}

/** The column head says what the intervals count: pairs taken in turns show less about the next run than runs do. */
function nameInterval(checks: readonly Check[]): string {
  const counted = checks.flatMap((check) => ('interval' in check && check.interval ? check.interval.of : []))
  return ['95 % interval', ...new Set(counted)].join(', ')
}

function listPlaces(checks: readonly Check[]): string {
  const names = checks.slice(0, MAX_PLACES).map((check) => cleanText(nameCheck(check), 120))
  const more = checks.length - names.length
  return names.join(', ') + (more > 0 ? ` and ${formatCount(more)} more` : '')
}

/**
 * Publishes the findings for other tools: under GitHub Actions as annotations and in the step summary, and in the
 * files that the options name.
 * @param print prints a line that GitHub reads
 * @throws ProvemarkError FILE_UNWRITABLE
 */
export function publishGate(
  report: GateReport,
  series: readonly Series[],
  options: GateRules & Pick<GateOptions, 'gate_json' | 'junit' | 'markdown' | 'bmf'>,
  print: (line: string) => void,
): void {
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY } = process.env
  if (GITHUB_ACTIONS) {
    for (const line of renderAnnotations(report, options)) print(line)
    if (GITHUB_STEP_SUMMARY) appendFileSync(GITHUB_STEP_SUMMARY, renderGateMarkdown(report))
  }
  const { gate_json, junit, markdown, bmf } = options
  if (gate_json) writeWhole(gate_json, `${JSON.stringify(report, null, 2)}\n`)
  if (junit) writeWhole(junit, renderJunit(report, options))
  if (markdown) writeWhole(markdown, renderGateMarkdown(report))
  if (bmf) writeWhole(bmf, `${JSON.stringify(makeBmf(series), null, 2)}\n`)
}

/** GitHub shows at most ten annotations of each kind per step. */
const MAX_ANNOTATIONS = 10

/** An annotation for a gate that could not judge at all. */
export function annotateError(message: string): string {
  return annotate('error', 'provemark gate', message)
}

/** Errors for what makes the step exit with 1 or 2, regressions first; warnings for the rest. */
function renderAnnotations({ checks }: GateReport, rules: GateRules): string[] {
  const endsIt = (check: Check) => isFatal(check) || isUnjudged(check, rules)
  const fatal = checks.filter(endsIt)
  const warned = checks.filter((check) => !endsIt(check) && isWorthAWarning(check))
  const errors = fatal.slice(0, MAX_ANNOTATIONS).map((check) => annotateCheck('error', check))
  return [...errors, ...warned.slice(0, MAX_ANNOTATIONS).map((check) => annotateCheck('warning', check))]
}

const isWorthAWarning = ({ verdict }: Check) =>
  ['regression', 'missing', 'inconclusive', 'not_comparable', 'finding'].includes(verdict)

const annotateCheck = (kind: 'error' | 'warning', check: Check) =>
  annotate(kind, `provemark: ${formatVerdict(check)} of ${nameCheck(check)}`, describeCheck(check))

/** A workflow command, with line breaks and syntax characters escaped as %XX. */
function annotate(kind: 'error' | 'warning', title: string, message: string): string {
  const escape = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const property = escape(title).replaceAll(':', '%3A').replaceAll(',', '%2C')
  return `::${kind} title=${property}::${escape(message)}`
}
