import { median } from 'simple-statistics'
import { growthInterval, type NoisyComparison } from './compare-noisy.ts'
import type { TestFamily } from './family.ts'
import type { GateRules } from './judge.ts'
import { floorOf } from '../row/metrics.ts'
import { placeOf, whyNoBaseline, whyNotNow } from './place.ts'
import { canDecide, requiredAgainst, requiredOnBoth } from './required-n.ts'
import type { Gate } from './select.ts'
import { numbersOf } from './series.ts'
import type { ComparedCheck } from './verdict.ts'

interface NoisyContext {
  rules: GateRules
  family: TestFamily
  absence: string | null
  seed: number | null
}

/** Judges a time, a memory or a size that is not the same in every run. */
export function judgeNoisy(gate: Gate, context: NoisyContext): ComparedCheck {
  const { metric, pair, budget, conditions } = gate
  const { family, absence, seed } = context
  const now = numbersOf(pair.now, metric)
  const base = numbersOf(pair.base, metric)
  const [before, after] = [medianOf(base), medianOf(now)]
  const tested = family.find(gate)
  const figures = {
    baseline: before === null ? null : { value: before, n: base.length },
    now: after === null ? null : { value: after, n: now.length },
    change: before && after !== null ? after / before - 1 : null,
    interval: seed === null ? null : growthInterval(base, now, seed),
    p: tested?.pIncrease ?? null,
    set_aside: tested?.setAside ?? 0,
  }
  const check = { ...placeOf(gate), ...figures }
  if (after === null) {
    const reason = whyNotNow(gate)
    return { ...check, verdict: 'missing', missing: 'now', reason }
  }
  if (budget?.limit.kind === 'absolute') {
    return { ...check, verdict: after > budget.limit.max ? 'regression' : 'ok' }
  }
  if (before === null) {
    return { ...check, verdict: 'missing', missing: 'baseline', reason: whyNoBaseline(gate, absence) }
  }
  const differences = conditions?.differ ?? []
  if (differences.length || !tested) {
    return { ...check, verdict: 'not_comparable', differences, reason: differences.join('; ') }
  }
  if (!canDecide(now.length, base.length, family)) {
    const needed = { now: requiredAgainst(base.length, family), both: requiredOnBoth(family) }
    return { ...check, verdict: 'undecided', needed, reason: whyUndecided(base.length, needed, family) }
  }
  return { ...check, ...decide(gate, tested, context) }
}

/** The three conditions of a regression, each a reason to pass where it alone fails. */
function decide(
  { metric, budget }: Gate,
  { base, now, pIncrease, pDecrease }: NoisyComparison,
  { rules: { alpha, floors } }: NoisyContext,
): { verdict: 'ok' | 'improved' | 'regression'; reason: string | null } {
  const growth = budget?.limit.kind === 'relative' ? budget.limit.growth : 0
  const floor = floorOf(metric, floors)
  if (pDecrease <= alpha && base - now > floor) return { verdict: 'improved', reason: null }
  if (now <= base * (1 + growth)) return { verdict: 'ok', reason: null }
  if (pIncrease > alpha) return { verdict: 'ok', reason: 'over its limit, and no more than noise' }
  if (now - base <= floor)
    return { verdict: 'ok', reason: `over its limit, by less than the floor of ${floor}` }
  return { verdict: 'regression', reason: null }
}

function whyUndecided(
  baseN: number,
  { now, both }: { now: number | null; both: number },
  { tests, alpha }: TestFamily,
): string {
  const against = now === null ? '' : `${now} repetitions against the ${baseN} of the baseline, or `
  const shared = tests === 1 ? '1 test' : `${tests} tests`
  return `${shared} at alpha ${alpha} need ${against}${both} on both sides`
}

const medianOf = (values: readonly number[]) => (values.length ? median(values as number[]) : null)
