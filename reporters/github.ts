import { appendFileSync } from 'node:fs'
import { isFatal } from '../src/gate/exit-code.ts'
import {
  describeCheck,
  formatChange,
  formatInterval,
  formatSide,
  formatVerdict,
  nameCheck,
} from '../src/gate/format.ts'
import { groupReasons, summarizeReport } from '../src/gate/summary.ts'
import type { Check, ComparedCheck, GateReport } from '../src/gate/verdict.ts'
import { cleanText } from './format.ts'

/** GitHub shows ten annotations of each kind for a step. */
const MAX_ANNOTATIONS = 10
const MAX_ROWS = 100

type Environment = Readonly<Record<string, string | undefined>>

/** Annotations on standard output and a table in the step summary, where GitHub Actions runs us. */
export function tellGithub(report: GateReport, write: (line: string) => void, env: Environment): void {
  if (!env['GITHUB_ACTIONS']) return
  for (const line of renderAnnotations(report)) write(line)
  if (env['GITHUB_STEP_SUMMARY']) appendFileSync(env['GITHUB_STEP_SUMMARY'], renderStepSummary(report))
}

/** An annotation where the gate could not judge at all. */
export function annotateError(message: string): string {
  return annotate('error', 'provemark gate', message)
}

export function renderAnnotations({ checks }: GateReport): string[] {
  const fatal = checks.filter(isFatal)
  const warned = checks.filter((check) => !isFatal(check) && isWorthAWarning(check))
  const errors = fatal.slice(0, MAX_ANNOTATIONS).map((check) => annotateCheck('error', check))
  return [...errors, ...warned.slice(0, MAX_ANNOTATIONS).map((check) => annotateCheck('warning', check))]
}

const isWorthAWarning = ({ verdict }: Check) =>
  ['regression', 'missing', 'undecided', 'not_comparable', 'finding'].includes(verdict)

const annotateCheck = (kind: 'error' | 'warning', check: Check) =>
  annotate(kind, `provemark: ${formatVerdict(check)} of ${nameCheck(check)}`, describeCheck(check))

/** A workflow command: its line breaks and signs of its own syntax stand as %XX. */
function annotate(kind: 'error' | 'warning', title: string, message: string): string {
  const escape = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const property = escape(title).replaceAll(':', '%3A').replaceAll(',', '%2C')
  return `::${kind} title=${property}::${escape(message)}`
}

/** The findings as a Markdown table. */
export function renderStepSummary(report: GateReport): string {
  const shown = report.checks.filter(({ verdict }) => verdict !== 'ok')
  const head = [
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
  ]
  const rows = shown.slice(0, MAX_ROWS).map(cellsOf)
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  const more = shown.length - MAX_ROWS
  return [
    '## provemark gate',
    '',
    escapeMarkdown(summarizeReport(report)),
    '',
    ...(rows.length ? [...table, ''] : []),
    ...(more > 0 ? [`and ${more} more`, ''] : []),
    ...groupReasons(shown).map(
      ({ reason, checks: [first, ...others] }) =>
        `- ${escapeMarkdown(nameCheck(first!))}${others.length ? ` and ${others.length} more` : ''}: ${escapeMarkdown(reason)}`,
    ),
    ...report.notes.map((note) => `- ${escapeMarkdown(note)}`),
    '',
    '',
  ].join('\n')
}

function cellsOf(check: Check): string[] {
  const place = [formatVerdict(check), check.metric, check.point, check.phase, check.prover ?? '—']
  const figures = check.verdict === 'failed' ? ['—', check.reason ?? '', '—', '—', '—'] : figuresOf(check)
  return [...place, ...figures].map(escapeMarkdown)
}

function figuresOf(check: ComparedCheck): string[] {
  const { metric, baseline, now, limit } = check
  return [
    formatSide(metric, baseline),
    formatSide(metric, now),
    formatChange(check),
    formatInterval(check),
    limit ?? '—',
  ]
}

/** Text of a row, as text: no markup, no cell of its own. */
function escapeMarkdown(text: string): string {
  return cleanText(text, 400).replaceAll(/[\\`*_[\]<>|&#]/g, (sign) => `&#${sign.codePointAt(0)};`)
}
