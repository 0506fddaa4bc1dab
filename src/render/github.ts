import { appendFileSync } from 'node:fs'
import { describeCheck, formatVerdict, nameCheck } from '../gate/format.ts'
import type { GateRules } from '../gate/schema.ts'
import { type Check, type GateReport, isFatal, isUnjudged } from '../gate/verdict.ts'
import { renderGateMarkdown } from './gate-markdown.ts'

/** GitHub shows ten annotations of each kind for a step. */
const MAX_ANNOTATIONS = 10

type Environment = Readonly<Record<string, string | undefined>>

/** Annotations on standard output and a table in the step summary, where GitHub Actions runs us. */
export function tellGithub(
  report: GateReport,
  rules: GateRules,
  write: (line: string) => void,
  env: Environment,
): void {
  if (!env['GITHUB_ACTIONS']) return
  for (const line of renderAnnotations(report, rules)) write(line)
  if (env['GITHUB_STEP_SUMMARY']) appendFileSync(env['GITHUB_STEP_SUMMARY'], renderGateMarkdown(report))
}

/** An annotation where the gate could not judge at all. */
export function annotateError(message: string): string {
  return annotate('error', 'provemark gate', message)
}

/** Errors for what ends the step with 1 or with 2, regressions first; warnings for the rest. */
function renderAnnotations({ checks }: GateReport, rules: GateRules): string[] {
  const endsIt = (check: Check) => isFatal(check) || isUnjudged(check, rules)
  const fatal = checks.filter(endsIt)
  const warned = checks.filter((check) => !endsIt(check) && isWorthAWarning(check))
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
