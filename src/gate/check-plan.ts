import { ProvemarkError } from '../errors.ts'
import { classOf, isOfPhase } from '../row/metrics.ts'
import { type Phase, PHASES } from '../row/schema.ts'
import { suggestName } from '../lib/suggest-name.ts'
import { type Budget, formatBudget } from './budget.ts'
import { baselineMissing } from './collect.ts'
import { canDecide, requiredAgainst, requiredOnBoth } from './noisy.ts'
import { type Pair, pairSeries } from './pair.ts'
import type { GateRules } from './schema.ts'
import { firstPhases, fits } from './select.ts'
import { hasMetric, metricsOf, type Series } from '../row/series.ts'

/** A phase that a plan will repeat, as a series that has no figures yet. */
export interface PlannedSeries {
  series: Series
  /** Minimum number of repetitions. */
  n: number
}

interface PlannedTest {
  metric: string
  phase: Phase
  n: number
  baseN: number
}

/**
 * Rejects a plan whose budgets could never be decided, rather than spend hours of proving on an 'undecided'.
 * @throws ProvemarkError BASELINE_MISSING or GATE_UNDECIDABLE
 */
export function checkGatePlan(
  planned: readonly PlannedSeries[],
  base: readonly Series[] | null,
  budgets: readonly Budget[],
  rules: GateRules,
): void {
  const relative = budgets.filter(({ limit }) => limit.kind === 'relative')
  if (!rules.allow_missing) requireBaseline(planned, base, relative)
  if (rules.undecided === 'warn') return
  const tests = listTests(planned, base ?? [], relative)
  const family = { alpha: rules.alpha, tests: tests.all }
  const hopeless = tests.failing.filter(({ n, baseN }) => !canDecide(n, baseN, family))
  if (hopeless.length) throw refuseTests(hopeless, family)
}

function requireBaseline(
  planned: readonly PlannedSeries[],
  base: readonly Series[] | null,
  relative: readonly Budget[],
): void {
  if (!relative.length) return
  if (!base) {
    const named = relative.map(formatBudget).join(', ')
    throw baselineMissing(`no baseline was given, and limits are relative to one: ${named}`)
  }
  const { pairs } = pairSeries(
    planned.map(({ series }) => series),
    base,
  )
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

/** The tests that share alpha, and those in which a regression must be able to reach significance. */
function listTests(
  planned: readonly PlannedSeries[],
  base: readonly Series[],
  relative: readonly Budget[],
): { all: number; failing: PlannedTest[] } {
  const nOf = new Map(planned.map(({ series, n }) => [series, n]))
  const { pairs } = pairSeries([...nOf.keys()], base)
  const all = new Set<string>()
  const failing: PlannedTest[] = []
  for (const budget of relative) {
    const { metric } = budget
    // A figure of the point, such as the proof size, is judged once, in the first phase that has it.
    const judged = budget.phase || isOfPhase(metric) ? pairs : firstPhases(pairs, metric)
    for (const { now, base: before } of judged) {
      const samples = before?.numbers.get(metric)
      if (!samples || !fits(budget, now) || classOf(metric, now.deterministic) !== 'noisy') continue
      all.add(`${now.key} ${now.settingsKey} ${metric}`)
      if (budget.level === 'warn') continue
      failing.push({ metric, phase: now.phase, n: nOf.get(now) ?? 0, baseN: samples.length })
    }
  }
  return { all: all.size, failing }
}

function refuseTests(
  hopeless: readonly PlannedTest[],
  family: { alpha: number; tests: number },
): ProvemarkError {
  const groups = Map.groupBy(hopeless, ({ metric, phase, n, baseN }) =>
    JSON.stringify([metric, phase, n, baseN]),
  )
  const lines = [...groups.values()].map((own) => {
    const { metric, phase, n, baseN } = own[0]!
    const points = own.length === 1 ? '1 point' : `${own.length} points`
    return `  - ${metric} of ${phase} (${points}): ${n} now against ${baseN} in the baseline`
  })
  const shared = family.tests === 1 ? '1 test' : `${family.tests} tests`
  return new ProvemarkError(
    'GATE_UNDECIDABLE',
    `too few repetitions for a verdict; ${shared} share alpha ${family.alpha}\n${lines.join('\n')}`,
    { hint: adviseRepetitions(hopeless, family) },
  )
}

function adviseRepetitions(
  hopeless: readonly PlannedTest[],
  family: { alpha: number; tests: number },
): string {
  const needed = PHASES.flatMap((phase) => {
    const own = hopeless.filter((test) => test.phase === phase)
    return own.length ? [{ phase, n: own.map(({ baseN }) => requiredAgainst(baseN, family)) }] : []
  })
  const both = requiredOnBoth(family)
  const anew = `--iterations ${both} here and for a new baseline`
  const known = needed.every(({ n }) => n.every((one) => one !== null))
  const each = needed.map(({ phase, n }) => `${phase}=${Math.max(...n.map((one) => one ?? 0))}`).join(',')
  const now = known ? `--iterations ${each} against this baseline, or ` : ''
  return `${now}${anew}; --undecided warn runs it as it is`
}
