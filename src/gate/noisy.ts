import { median } from 'simple-statistics'
import { getOrAdd } from '../row/collections.ts'
import { floorOf } from '../row/metrics.ts'
import { bootstrapMedians } from '../row/statistics/bootstrap.ts'
import { adjustHolm, testMannWhitney } from '../row/statistics/mann-whitney.ts'
import type { Interval } from '../row/statistics/median-interval.ts'
import type { GateRules } from './schema.ts'
import { type Gate, placeOf, whyNoBaseline, whyNotNow } from './select.ts'
import { numbersOf, type Series } from '../row/series.ts'
import type { ComparedCheck } from './verdict.ts'

/** Nobody runs a plan with more repetitions than this. */
const MOST = 1000

/**
 * The smallest p of a one-sided Mann-Whitney test of n against m: all orders are equally likely, and in exactly one
 * every value of one side is above all values of the other.
 */
export function smallestP(n: number, m: number): number {
  let p = 1
  for (let i = 1; i <= Math.min(n, m); i++) p *= i / (Math.max(n, m) + i)
  return p
}

/** Whether n against m can be significant if `tests` share alpha (Holm's strictest step). */
export function canDecide(n: number, m: number, { alpha, tests }: Family): boolean {
  return n > 0 && m > 0 && smallestP(n, m) <= alpha / Math.max(1, tests)
}

/** A family of tests that shares one false alarm rate. */
interface Family {
  alpha: number
  tests: number
}

/** Minimum repetitions of the current run against m in the baseline; null if no realistic plan has that many. */
export function requiredAgainst(m: number, family: Family): number | null {
  for (let n = 1; n <= MOST; n++) if (canDecide(n, m, family)) return n
  return null
}

/** Minimum repetitions if both sides have the same number. */
export function requiredOnBoth(family: Family): number {
  let n = 1
  while (!canDecide(n, n, family)) n++
  return n
}

/** Two samples of a noisy metric, in its own unit. */
interface NoisyComparison {
  base: number
  now: number
  /** One-sided p that there is an increase, or a decrease, at all. */
  pIncrease: number
  pDecrease: number
  /** Number of slowest repetitions of both sides that the test left out. */
  setAside: number
}

/** Share of the repetitions of both sides that may be outliers. */
const OUTLIERS = 1 / 20

/**
 * Compares two nonempty samples. The test leaves out the largest twentieth of both sides together if enough remain:
 * otherwise one repetition of the baseline that something else on the machine slowed down would hide a regression of
 * all the others. The choice does not depend on the side, so the test stays exact. The medians cover all repetitions.
 */
function compareNoisy(base: readonly number[], now: readonly number[], family: Family): NoisyComparison {
  const largest = findLargest([...base, ...now], base.length, now.length, family)
  const [before, after] = [base, now].map((side) => side.filter((value) => value < largest))
  const test = testMannWhitney(after!, before!)
  return {
    base: median(base as number[]),
    now: median(now as number[]),
    pIncrease: test?.pGreater ?? 1,
    pDecrease: test?.pLess ?? 1,
    setAside: base.length - before!.length + now.length - after!.length,
  }
}

/** Repetitions from this value on are left out; infinite if all are needed or the value ties with one that remains. */
function findLargest(pooled: readonly number[], n: number, m: number, family: Family): number {
  const count = Math.floor(pooled.length * OUTLIERS)
  const isEnough = canDecide(n - count, m, family) && canDecide(n, m - count, family)
  if (count === 0 || !isEnough) return Infinity
  const sorted = Float64Array.from(pooled).toSorted()
  const first = sorted[pooled.length - count]!
  return first > sorted[pooled.length - count - 1]! ? first : Infinity
}

/** Bootstrap interval of the growth of the median; null if the baseline's median may be 0. */
function growthInterval(base: readonly number[], now: readonly number[], seed: number): Interval | null {
  const growth = ([after, before]: number[]) => after! / before! - 1
  const interval = bootstrapMedians([now, base], growth, { seed })
  return interval && Number.isFinite(interval.lo) && Number.isFinite(interval.hi) ? interval : null
}

/** The tests of one run, one per noisy figure with a relative limit. They share alpha. */
interface TestFamily extends Family {
  find: (gate: Gate) => NoisyComparison | undefined
}

/** Tests every gate that can be tested, and corrects their p values as one family. */
export function testTogether(gates: readonly Gate[], alpha: number): TestFamily {
  const testable = listTestable(gates)
  const family = { alpha, tests: testable.length }
  const comparisons = testable.map(({ before, after }) => compareNoisy(before, after, family))
  const increases = adjustHolm(comparisons.map(({ pIncrease }) => pIncrease))
  const decreases = adjustHolm(comparisons.map(({ pDecrease }) => pDecrease))
  const tested = new Map<Series, Map<string, NoisyComparison>>()
  for (const [i, { series, metric }] of testable.entries()) {
    const adjusted = { ...comparisons[i]!, pIncrease: increases[i]!, pDecrease: decreases[i]! }
    getOrAdd(tested, series, () => new Map()).set(metric, adjusted)
  }
  return { ...family, find: ({ pair, metric }) => tested.get(pair.now)?.get(metric) }
}

interface Testable {
  series: Series
  metric: string
  before: readonly number[]
  after: readonly number[]
}

/** The figures that can be tested, each once: two budget levels for one figure are one test. */
function listTestable(gates: readonly Gate[]): Testable[] {
  const known = new Map<Series, Set<string>>()
  return gates.flatMap(({ metric, pair, budget, kind, conditions }): Testable[] => {
    if (kind !== 'noisy' || budget?.limit.kind !== 'relative' || conditions?.differ.length) return []
    const [before, after] = [numbersOf(pair.base, metric), numbersOf(pair.now, metric)]
    const own = getOrAdd(known, pair.now, () => new Set<string>())
    if (!before.length || !after.length || own.has(metric)) return []
    own.add(metric)
    return [{ series: pair.now, metric, before, after }]
  })
}

interface NoisyContext {
  rules: GateRules
  family: TestFamily
  absence: string | null
  seed: number | null
}

/** Judges a time, a memory figure, or a size that varies from run to run. */
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

/** A regression needs all three conditions. Failing any one is a reason to pass. */
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
