import type { Check, GateReport } from './verdict.ts'

interface Tolerance {
  undecided: 'fail' | 'warn'
  allow_missing: boolean
}

/** 1 for a regression or a failed phase; 2 where something is missing, undecided, or nothing was judged at all. */
export function decideExitCode(checks: readonly Check[], tolerance: Tolerance): GateReport['exit_code'] {
  if (checks.some(isFatal)) return 1
  if (checks.some((check) => isUnjudged(check, tolerance))) return 2
  // What no budget names is watched beside: it does not stand in for budgets that could not be judged.
  const budgeted = checks.filter(({ limit }) => limit !== null)
  return (budgeted.length ? budgeted : checks).some(isJudged) ? 0 : 2
}

/** Whether a figure was judged, or let pass unjudged as the user wants it. */
function isJudged(check: Check): boolean {
  if (check.verdict === 'failed' || check.verdict === 'not_comparable') return false
  return check.verdict === 'missing' || check.verdict === 'undecided' || check.now !== null
}

/** Whether a check alone ends a run with 1. */
export function isFatal({ verdict, level }: Check): boolean {
  return verdict === 'failed' || (verdict === 'regression' && level !== 'warn')
}

/** Whether a check alone ends a run with 2: it had to be judged and was not. */
export function isUnjudged({ verdict, level }: Check, { undecided, allow_missing }: Tolerance): boolean {
  if (verdict === 'missing') return !allow_missing
  return verdict === 'undecided' && undecided === 'fail' && level !== 'warn'
}
