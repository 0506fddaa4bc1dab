import { getOrAdd } from '../row/collections.ts'
import {
  classOf,
  isAlwaysWatched,
  isCounter,
  isMachineBound,
  isOfPhase,
  type MetricClass,
} from '../row/metrics.ts'
import { PHASES } from '../row/schema.ts'
import { type Budget, formatLimit } from './options.ts'
import { compareConditions, type Comparison, findSkipped, isSkipped, type Pair } from './pair.ts'
import { hasMetric, metricsOf, okCount, type Series } from '../row/series.ts'
import type { Check } from './verdict.ts'

/** One metric of one pair, to be judged by one budget, or watched for any change if no budget names it. */
export interface Gate {
  metric: string
  kind: MetricClass
  pair: Pair
  budget: Budget | null
  /** Runs of the baseline that the figure can be compared with, oldest first. */
  runs: readonly Series[]
  /** Comparison of the conditions of the two sides; null if the metric does not depend on them. */
  conditions: Comparison | null
}

interface SelectOptions {
  /** The two are sides of a comparison, which differ in prover or settings on purpose. */
  sides: boolean
}

/** Whether a budget applies to a series, whatever its metric. */
export function fits(budget: Budget, { track, point, phase, prover }: Series): boolean {
  const own: Record<string, string | null> = { track, point, phase, prover }
  return (['track', 'point', 'phase', 'prover'] as const).every(
    (name) => budget[name] === undefined || budget[name] === own[name],
  )
}

/** The gates of a budget: every matching pair that has its metric, or has lost it. */
export function selectGates(budget: Budget, pairs: readonly Pair[], options: SelectOptions): Gate[] {
  const { metric } = budget
  const skipped = findSkipped(pairs)
  const isLost = (pair: Pair) => skipped.has(pair) && pair.base !== null && hasMetric(pair.base, metric)
  const candidates = pairs.filter((pair) => fits(budget, pair.now) && (okCount(pair.now) > 0 || isLost(pair)))
  // If a prover has the figure at one point, it must have it at all points.
  const known = new Set(candidates.filter((pair) => isOnEitherSide(pair, metric)).map(({ now }) => kin(now)))
  const selected = candidates.filter(({ now }) => known.has(kin(now)))
  const gated = budget.phase || isOfPhase(metric) ? selected : firstPhases(selected, metric)
  return gated.map((pair) => openGate(metric, pair, budget, options))
}

/**
 * Exact metrics of the pairs that no budget names: everything the baseline has, at the first phase that has it. For
 * skipped pairs only the counters, which must be there.
 */
export function selectWatched(
  pairs: readonly Pair[],
  budgeted: readonly Gate[],
  options: SelectOptions,
): Gate[] {
  const taken = new Set(budgeted.map(({ pair, metric }) => `${pair.now.owner} ${metric}`))
  const watched = new Map<string, Pair[]>()
  const skipped = findSkipped(pairs)
  for (const pair of pairs) {
    const { now, base } = pair
    // Counters of two provers count different things, even under the same name.
    if (!base || now.prover !== base.prover) continue
    const isThere = okCount(now) > 0
    if (!isThere && !skipped.has(pair)) continue
    for (const metric of metricsOf(base)) {
      const isWatched = isThere ? isAlwaysWatched(metric, now.deterministic) : isCounter(metric)
      if (isWatched && !taken.has(`${now.owner} ${metric}`)) {
        getOrAdd(watched, metric, () => []).push(pair)
      }
    }
  }
  return [...watched].flatMap(([metric, own]) =>
    firstPhases(own, metric).map((pair) => openGate(metric, pair, null, options)),
  )
}

function openGate(metric: string, pair: Pair, budget: Budget | null, { sides }: SelectOptions): Gate {
  const { now, base } = pair
  const isBound = okCount(now) > 0 && isMachineBound(metric)
  const compare = (own: Series) =>
    compareConditions(metric, own.conditions, now.conditions, { chosen: sides })
  return {
    metric,
    kind: classOf(metric, now.deterministic),
    pair,
    budget,
    runs: isBound ? pair.runs.filter((own) => !compare(own).differ.length) : pair.runs,
    conditions: base && isBound ? compare(base) : null,
  }
}

const kin = ({ phase, prover }: Series) => `${phase} ${prover}`

const isOnEitherSide = ({ now, base }: Pair, metric: string) =>
  hasMetric(now, metric) || (base !== null && hasMetric(base, metric))

/** The first of the phases of each point that share a figure. */
function firstPhases(pairs: readonly Pair[], metric: string): Pair[] {
  const byOwner = Map.groupBy(pairs, ({ now }) => now.owner)
  return [...byOwner.values()].flatMap((own) => {
    const holders = own.filter((pair) => isOnEitherSide(pair, metric))
    return PHASES.flatMap((phase) => holders.filter(({ now }) => now.phase === phase)).slice(0, 1)
  })
}

/** Where a gate applies: the fields of every check apart from its verdict. */
export function placeOf({ metric, pair: { now }, budget }: Gate): Omit<Check, 'verdict'> & { reason: null } {
  const { track, point, phase, prover, label } = now
  return {
    metric,
    track,
    point,
    phase,
    prover,
    variant: label,
    limit: budget && formatLimit(budget.limit),
    level: budget && budget.level,
    reason: null,
  }
}

/**
 * Why there is nothing to judge against, for a gate whose baseline lacks its figure.
 * @param absence why there is no baseline at all; null if there is one
 */
export function whyNoBaseline({ metric, pair: { base } }: Gate, absence: string | null): string {
  if (absence !== null) return absence
  return base ? `its rows in the baseline have no ${metric}` : 'it has no row in the baseline'
}

/** Why there is nothing to judge, for a gate whose run lacks its figure. */
export function whyNotNow({ pair: { now } }: Gate): string {
  return `the baseline has it, but ${isSkipped(now) ? 'it was skipped now' : 'no row of this run does'}`
}
