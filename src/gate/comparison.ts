import { type Budget, readBudgets } from './budget.ts'
import { isCounter } from '../row/metrics.ts'
import { hasMetric, type Series } from './series.ts'

/** Limits of a comparison that was given none: what grows by more than this is worse. */
const DEFAULT_BUDGETS = ['time_s=+5%', 'mem_mb=+5%', 'ecc.totalCost=0%']

/** The budgets of a comparison: those given, else the defaults for what was measured. */
export function budgetsOfComparison(given: readonly Budget[], series: readonly Series[]): readonly Budget[] {
  if (given.length) return given
  // Two provers count different things by the same name.
  const isOneProver = new Set(series.map(({ prover }) => prover)).size === 1
  return readBudgets(DEFAULT_BUDGETS).budgets.filter(
    ({ metric }) => series.some((own) => hasMetric(own, metric)) && (isOneProver || !isCounter(metric)),
  )
}

/** The series of both sides: the first is what the second is judged against. */
export function splitSides(series: readonly Series[]): { a: Series[]; b: Series[] } {
  return { a: series.filter(({ side }) => side === 'a'), b: series.filter(({ side }) => side === 'b') }
}
