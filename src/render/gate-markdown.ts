import {
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
import { cleanText } from './format.ts'

// Short enough to read, and far below the limits of GitHub (65,536 characters) and GitLab for a comment.
const MAX_ROWS = 25
const MAX_REMARKS = 10
const MAX_CELL = 80
const MAX_REMARK = 200

const HEAD = [
  'verdict',
  'metric',
  'point',
  'phase',
  'prover',
  'baseline',
  'now',
  'change',
  'interval',
  'limit',
  'would find',
]

/**
 * The gate's findings as Markdown for a step summary or a comment: one line, a table (worst first), and the reasons.
 */
export function renderGateMarkdown(report: GateReport): string {
  const shown = report.checks.filter(({ verdict }) => verdict !== 'ok')
  const rows = shown.slice(0, MAX_ROWS).map(cellsOf)
  const table = [HEAD, HEAD.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  const more = shown.length - MAX_ROWS
  const remarks = [...groupReasons(shown).map(describeReason), ...report.notes]
  const moreRemarks = remarks.length - MAX_REMARKS
  return [
    '## provemark gate',
    '',
    escapeMarkdown(summarizeReport(report), MAX_REMARK),
    '',
    ...(rows.length ? [...table, ''] : []),
    ...(more > 0 ? [`and ${more} more`, ''] : []),
    ...remarks.slice(0, MAX_REMARKS).map((remark) => `- ${escapeMarkdown(remark, MAX_REMARK)}`),
    ...(moreRemarks > 0 ? [`- and ${moreRemarks} more`] : []),
    '',
    '',
  ].join('\n')
}

function cellsOf(check: Check): string[] {
  const place = [formatVerdict(check), check.metric, check.point, check.phase, check.variant ?? '—']
  const figures =
    check.verdict === 'failed' ? ['—', check.reason ?? '', '—', '—', '—', '—'] : figuresOf(check)
  return [...place, ...figures].map((text) => escapeMarkdown(text, MAX_CELL))
}

function figuresOf(check: ComparedCheck): string[] {
  const { metric, baseline, now, limit } = check
  return [
    formatSide(metric, baseline),
    formatSide(metric, now),
    formatChange(check),
    formatInterval(check),
    limit ?? '—',
    formatDetectable(check),
  ]
}

function describeReason({ reason, checks: [first, ...others] }: ReturnType<typeof groupReasons>[number]) {
  return `${nameCheck(first!)}${others.length ? ` and ${others.length} more` : ''}: ${reason}`
}

/** Escapes text from a row: no markup, cell borders or mentions. */
export function escapeMarkdown(text: string, maxLength: number): string {
  return cleanText(text, maxLength)
    .replaceAll(/[\\`*_[\]<>|&#~]/g, (sign) => `&#${sign.codePointAt(0)};`)
    .replaceAll('@', '@\u200B')
}
