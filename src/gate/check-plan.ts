import { isOfPhase } from '../row/metrics.ts'
import { suggestName } from '../lib/suggest-name.ts'
import { type Budget, formatBudget } from './budget.ts'
import { baselineMissing } from './collect.ts'
import { type Pair, pairSeries } from './pair.ts'
import { fits } from './select.ts'
import { hasMetric, metricsOf, type Series } from '../row/series.ts'

/**
 * Rejects a plan whose limits have nothing to be judged against, rather than spend hours of proving on it.
 * @param planned the phases to be measured, as series that have no figures yet
 * @throws ProvemarkError BASELINE_MISSING
 */
export function requireBaseline(
  planned: readonly Series[],
  base: readonly Series[] | null,
  budgets: readonly Budget[],
): void {
  const relative = budgets.filter(({ limit }) => limit.kind === 'relative')
  if (!relative.length) return
  if (!base) {
    const named = relative.map(formatBudget).join(', ')
    throw baselineMissing(`no baseline was given, and limits are relative to one: ${named}`)
  }
  const { pairs } = pairSeries(planned, base)
  const problems = relative.flatMap((budget) => {
    const { metric } = budget
    const wanted = pairs.filter(({ now }) => fits(budget, now))
    if (!wanted.length) return []
    if (!base.some((series) => hasMetric(series, metric))) {
      const known = [...new Set(base.flatMap(metricsOf))].toSorted()
      return [`no row of the baseline has ${metric} (${suggestName(metric, known)})`]
    }
    return findPointsWithout(metric, wanted).map((point) => `the baseline has no ${metric} of ${point}`)
  })
  if (problems.length) throw baselineMissing([...new Set(problems)].join('\n  '))
}

/** Points whose baseline rows lack a metric: in every phase, or in any phase for a metric that each phase has. */
function findPointsWithout(metric: string, pairs: readonly Pair[]): string[] {
  if (isOfPhase(metric)) {
    // A phase that has the metric in no baseline row (a counter of one phase only) need not have it.
    const phases = new Set(
      pairs.filter(({ base }) => base && hasMetric(base, metric)).map(({ now }) => now.phase),
    )
    const isAsked = ({ now }: Pair) => !phases.size || phases.has(now.phase)
    return pairs
      .filter((pair) => isAsked(pair) && !(pair.base && hasMetric(pair.base, metric)))
      .map(({ now }) => `${now.point} ${now.phase}`)
  }
  const byOwner = Map.groupBy(pairs, ({ now }) => now.owner)
  return [...byOwner.values()]
    .filter((own) => !own.some(({ base }) => base && hasMetric(base, metric)))
    .map(([first]) => first!.now.point)
}
