import type { PhaseReport, RunResult } from './contract.ts'

const MARK = 'provemark:report'

/** Lines with a report, for a prover's `keep`. */
export const REPORT_LINE = /^provemark:report \{/

/** The report of an in-process phase, as the line of its output that carries it to the harness. */
export function formatReport(report: PhaseReport): string {
  return `\n${MARK} ${JSON.stringify(report)}\n`
}

/** The last report in an output; empty if there is none. */
export function parseReport(output: string): PhaseReport {
  const line = output.split(/[\r\n]/).findLast((candidate) => candidate.startsWith(`${MARK} {`))
  if (!line) return {}
  try {
    return JSON.parse(line.slice(MARK.length)) as PhaseReport
  } catch {
    return {}
  }
}

/** The report in what an in-process phase returned. */
export function reportOf(result: RunResult): PhaseReport {
  return typeof result === 'object' ? result : {}
}
