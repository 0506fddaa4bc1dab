import { appendFileSync } from 'node:fs'
import { makeBmf, renderJunit } from '../gate/exports.ts'
import { describeCheck, formatVerdict, nameCheck } from '../gate/format.ts'
import type { GateRules } from '../gate/options.ts'
import type { Series } from '../row/series.ts'
import { type Check, type GateReport, isFatal, isUnjudged } from '../gate/verdict.ts'
import { writeWhole } from '../lib/whole-file.ts'
import { renderGateMarkdown } from './gate-markdown.ts'

/** Output files for other tools; only named ones are written. */
export interface GateFiles {
  gate_json?: string | undefined
  junit?: string | undefined
  bmf?: string | undefined
  markdown?: string | undefined
}

/** @throws ProvemarkError FILE_UNWRITABLE */
export function writeGateFiles(
  files: GateFiles,
  report: GateReport,
  rules: GateRules,
  series: readonly Series[],
): void {
  if (files.gate_json) writeWhole(files.gate_json, `${JSON.stringify(report, null, 2)}\n`)
  if (files.junit) writeWhole(files.junit, renderJunit(report, rules))
  if (files.markdown) writeWhole(files.markdown, renderGateMarkdown(report))
  if (files.bmf) writeWhole(files.bmf, `${JSON.stringify(makeBmf(series), null, 2)}\n`)
}

/** GitHub shows at most ten annotations of each kind per step. */
const MAX_ANNOTATIONS = 10

type Environment = Readonly<Record<string, string | undefined>>

/** Under GitHub Actions, prints annotations to standard output and adds a table to the step summary. */
export function reportToGithub(
  report: GateReport,
  rules: GateRules,
  write: (line: string) => void,
  env: Environment,
): void {
  if (!env['GITHUB_ACTIONS']) return
  for (const line of renderAnnotations(report, rules)) write(line)
  if (env['GITHUB_STEP_SUMMARY']) appendFileSync(env['GITHUB_STEP_SUMMARY'], renderGateMarkdown(report))
}

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
