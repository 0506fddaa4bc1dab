import { listProblems, type Problem, ProvemarkError } from '../errors.ts'
import { compareNaturally, suggestName } from '../lib/names.ts'
import type { Phase } from '../row/schema.ts'
import { type Budget, formatBudget } from './options.ts'
import { metricsOf, type Series, hasMetric } from '../row/series.ts'
import { isOfPhase } from '../row/metrics.ts'
import { baselineMissing } from './baseline.ts'
import { type Pair, pairSeries } from './pair.ts'
import { fits } from './select.ts'

/** Names that are valid although no row has them, such as tracks that were not selected. */
export interface KnownNames {
  tracks?: readonly string[]
  phases?: readonly Phase[]
  provers?: readonly string[]
}

const PARTS = ['metric', 'phase', 'track', 'point', 'prover'] as const

/** Names in a budget that no row has, each with the closest known names. */
export function findUnknownNames(
  budgets: readonly Budget[],
  series: readonly Series[],
  known: KnownNames = {},
  parts: readonly (typeof PARTS)[number][] = PARTS,
): Problem[] {
  const there = {
    metric: new Set(series.flatMap(metricsOf)),
    phase: new Set<string>([...series.map(({ phase }) => phase), ...(known.phases ?? [])]),
    track: new Set([...series.map(({ track }) => track), ...(known.tracks ?? [])]),
    point: new Set(series.map(({ point }) => point)),
    prover: new Set([...series.map(({ prover }) => prover), ...(known.provers ?? [])]),
  }
  return budgets.flatMap((budget) =>
    parts.flatMap((part): Problem[] => {
      const name = budget[part]
      const names = there[part] as Set<string | null>
      if (name === undefined || names.has(name)) return []
      const others = [...names].filter((other) => other !== null).toSorted(compareNaturally)
      return [
        {
          where: `budget ${formatBudget(budget)}`,
          expected: `a ${part} that a row has`,
          given: name,
          hint: suggestName(name, others),
        },
      ]
    }),
  )
}

/** One error that lists everything that is wrong with the budgets. */
export function refuseBudgets(
  problems: readonly Problem[],
  hint = 'npx provemark summary FILE --json shows which figures there are',
): ProvemarkError {
  return new ProvemarkError('CONFIG_INVALID', listProblems(problems, ' with the budgets'), { hint })
}

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
