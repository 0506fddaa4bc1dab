import {
  describeCheck,
  formatChange,
  formatDetectable,
  formatInterval,
  formatSide,
  formatVerdict,
  nameCheck,
} from '../gate/format.ts'
import {
  type Check,
  type ComparedCheck,
  type GateReport,
  groupReasons,
  summarizeReport,
} from '../gate/verdict.ts'
import { formatCount } from '../row/metrics.ts'
import { cleanText } from './format.ts'
import { type Column, columnsOf, measureTable, renderTable } from './table.ts'
import { createPaint, type CardStyle } from './terminal.ts'

const MAX_LINES = 50
const MAX_PLACES = 3

interface GateTableOptions {
  /** Also shows checks that are ok. */
  all?: boolean
  /** Compares two sides rather than a run and its baseline. */
  sides?: boolean
  /** Width of a terminal that wraps long lines; undefined for a file or a log. */
  columns?: number | undefined
}

/** The gate's findings, worst first: a table, the reasons, notes and a summary line. */
export function renderGate(
  report: GateReport,
  style: CardStyle,
  { all = false, sides = false, columns }: GateTableOptions = {},
): string {
  const paint = createPaint(style)
  const shown = report.checks.filter(({ verdict }) => all || verdict !== 'ok')
  const more = shown.length - MAX_LINES
  const [failed, compared] = [shown.filter(isFailed), shown.filter((check) => !isFailed(check))]
  const rest = compared.slice(0, MAX_LINES)
  return [
    paint('bold', 'gate'),
    ...failed.map((check) => paint('red', `✗ ${cleanText(nameCheck(check), 200)}: ${check.reason}`)),
    ...renderChecks(rest, style, { sides, columns }),
    ...(more > 0 ? [paint(null, `and ${formatCount(more)} more, all in --json`)] : []),
    ...groupReasons(shown)
      .filter(({ checks: [first] }) => first && !isFailed(first))
      .map(({ reason, checks }) => paint(null, `${listPlaces(checks)}: ${cleanText(reason, 400)}`)),
    ...report.notes.map((note) => paint('yellow', `! ${cleanText(note, 400)}`)),
    paint(report.exit_code ? 'red' : null, `gate: ${summarizeReport(report)}`),
  ].join('\n')
}

/** A table, or sentences if the terminal would wrap its lines. */
function renderChecks(
  checks: readonly Check[],
  { unicode }: CardStyle,
  { sides = false, columns = Infinity }: GateTableOptions,
): string[] {
  if (!checks.length) return []
  const table = layOut(checks, sides ? ['a', 'b'] : ['baseline', 'now'])
  if (measureTable(table, unicode) <= columns) return [renderTable(table, unicode)]
  return checks.map((check) => cleanText(describeCheck({ ...check, reason: null }), 400))
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

/** What the intervals count stands in their head: pairs taken in turns tell less about the next run than runs do. */
function nameInterval(checks: readonly Check[]): string {
  const counted = checks.flatMap((check) => ('interval' in check && check.interval ? check.interval.of : []))
  return ['95 % interval', ...new Set(counted)].join(', ')
}

function listPlaces(checks: readonly Check[]): string {
  const names = checks.slice(0, MAX_PLACES).map((check) => cleanText(nameCheck(check), 120))
  const more = checks.length - names.length
  return names.join(', ') + (more > 0 ? ` and ${formatCount(more)} more` : '')
}
