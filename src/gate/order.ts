import type { Check } from './verdict.ts'

/** Worst first: by what it does to the run, then by how far it went. */
export function orderChecks(checks: readonly Check[]): Check[] {
  return checks.toSorted((a, b) => severityOf(a) - severityOf(b) || growthOf(b) - growthOf(a))
}

const SEVERITY: Record<Check['verdict'], number> = {
  failed: 0,
  regression: 1,
  missing: 2,
  undecided: 3,
  not_comparable: 5,
  finding: 6,
  improved: 7,
  ok: 8,
}

function severityOf({ verdict, level }: Check): number {
  return verdict === 'regression' && level === 'warn' ? 4 : SEVERITY[verdict]
}

// A change without a number (a digest, a growth from 0) is no smaller than any.
const growthOf = (check: Check) => ('change' in check ? (check.change ?? Number.MAX_VALUE) : Number.MAX_VALUE)
