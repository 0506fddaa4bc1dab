import { median } from 'simple-statistics'
import { getOrAdd } from '../row/collections.ts'
import { isDisturbed } from '../row/disturbance.ts'
import { floorOf, isMemory, isTime, isWallClock } from '../row/metrics.ts'
import {
  adjustHolm,
  type Change,
  changeOfPairs,
  changeOfRuns,
  detectableGrowth,
  growthInterval,
  growthOf,
  LEAST_PAIRS,
  pDecrease,
  pIncrease,
  upperGrowth,
} from '../row/statistics/change.ts'
import type { Pair } from './pair.ts'
import type { GateRules } from './options.ts'
import { type Gate, placeOf, whyNoBaseline, whyNotNow } from './select.ts'
import { numbersOf, type Series, shareOfOthers } from '../row/series.ts'
import type { ComparedCheck } from './verdict.ts'

/** How two sides were measured, and so what their comparison counts: pairs taken in turns, or separate runs. */
type Basis = 'pairs' | 'runs'

/**
 * Assumed sd between separate runs of one build, before any has been seen. docs/gate.md shows the runs that it comes
 * from.
 */
function priorSdOf(metric: string): number {
  if (isTime(metric)) return 0.1
  return isMemory(metric) ? 0.05 : 0.01
}

/** One-sided chance that an `ok` hides an increase over the limit. */
const MISSED = 0.05

/**
 * Numbers of pairs after which a comparison that continues until it is decided is judged. Judging after every pair
 * would mistake chance for a regression in every tenth comparison. Each look takes an equal share of the error rates,
 * which is valid however the looks depend on each other.
 */
export const LOOKS = [10, 20, 40, 80, 160, 320]

/** The tests of one run, one per noisy figure with a relative limit. They share alpha. */
interface TestFamily {
  basis: Basis
  /** Chance of any false regression at this look. */
  alpha: number
  /** Chance that an `ok` is false at this look. */
  missed: number
  tests: number
  find: (gate: Gate) => Tested | undefined
}

/** Why a difference may be the machine's and not the prover's. */
interface Doubt {
  reason: string
  /** The side that others slowed down. */
  slowed: 'base' | 'now'
}

interface Comparison {
  /** Null if there are too few pairs. */
  change: Change | null
  /** Change of the latest runs since the oldest of the baseline; null if it has few, or for pairs. */
  sinceOldest: Change | null
  /** Runs of the baseline that were used; null for pairs. */
  runs: number | null
  doubts: Doubt[]
}

/** A comparison with the p values of its family. */
interface Tested extends Comparison {
  pIncrease: number
  pDecrease: number
  pCreep: number
}

interface FamilyOptions {
  basis: Basis
  alpha: number
  /** How often the same comparison is judged while it grows. Every look takes an equal share of the error rates. */
  looks: number
}

/** Tests every gate that can be tested, and corrects their p values as one family. */
export function testTogether(gates: readonly Gate[], { basis, alpha, looks }: FamilyOptions): TestFamily {
  const testable = listTestable(gates)
  const found = testable.map((gate) => (basis === 'pairs' ? comparePairs(gate) : compareRuns(gate)))
  const adjust = (read: (one: Comparison) => number) => adjustHolm(found.map(read))
  const increases = adjust(({ change }) => (change ? pIncrease(change) : 1))
  const decreases = adjust(({ change }) => (change ? pDecrease(change) : 1))
  const creeps = adjust(({ sinceOldest }) => (sinceOldest ? pIncrease(sinceOldest) : 1))
  const tested = new Map<Series, Map<string, Tested>>()
  for (const [i, { pair, metric }] of testable.entries()) {
    const p = { pIncrease: increases[i]!, pDecrease: decreases[i]!, pCreep: creeps[i]! }
    getOrAdd(tested, pair.now, () => new Map()).set(metric, { ...found[i]!, ...p })
  }
  return {
    basis,
    alpha: alpha / looks,
    missed: MISSED / looks,
    tests: testable.length,
    find: ({ pair, metric }) => tested.get(pair.now)?.get(metric),
  }
}

/** The figures that can be tested, each once: two budget levels for one figure are one test. */
function listTestable(gates: readonly Gate[]): Gate[] {
  const known = new Map<Series, Set<string>>()
  return gates.filter(({ metric, pair, budget, kind, conditions }) => {
    if (kind !== 'noisy' || budget?.limit.kind !== 'relative' || conditions?.differ.length) return false
    const own = getOrAdd(known, pair.now, () => new Set<string>())
    if (own.has(metric) || !numbersOf(pair.base, metric).length || !numbersOf(pair.now, metric).length)
      return false
    own.add(metric)
    return true
  })
}

function comparePairs({ metric, pair }: Gate): Comparison {
  const [base, now] = [pair.base, pair.now].map((side) => positive(numbersOf(side, metric)))
  return { change: changeOfPairs(base!, now!), sinceOldest: null, runs: null, doubts: [] }
}

/** The oldest runs of a baseline are compared with as many of the latest, from twice as many on. */
const OLDEST = 5

function compareRuns({ metric, pair, runs }: Gate): Comparison {
  const now = readRun(pair.now, metric)
  const all = runs.map((run) => readRun(run, metric)).filter(({ values }) => values.length)
  const calm = all.filter(({ disturbed }) => disturbed === null)
  const base = (calm.length ? calm : all).map(({ values }) => values)
  const latest = [...base.slice(1 - OLDEST), now.values]
  const isLong = base.length >= 2 * OLDEST
  const sd = priorSdOf(metric)
  const oldest = base.slice(0, OLDEST)
  return {
    change: changeOfRuns(base, [now.values], sd),
    sinceOldest: isLong && now.disturbed === null ? changeOfRuns(oldest, latest, sd) : null,
    runs: base.length,
    doubts: [
      ...(now.disturbed === null ? [] : [{ reason: now.disturbed, slowed: 'now' as const }]),
      ...(calm.length
        ? []
        : [{ reason: 'the runs of the baseline were disturbed', slowed: 'base' as const }]),
      ...doubtClock(metric, pair),
    ],
  }
}

/** The iterations of a run that count for a figure, and why the run as a whole is disturbed; null if it is not. */
interface RunFigures {
  values: number[]
  disturbed: string | null
}

/**
 * Other programs lengthen the wall clock, not the CPU time. Disturbed iterations are left out as long as half of all
 * remain; otherwise the run is disturbed.
 */
function readRun(series: Series, metric: string): RunFigures {
  const values = positive(numbersOf(series, metric))
  const shares = isWallClock(metric) ? series.shares.toArray() : []
  const isCalm = (share: number) => isDisturbed({ disturbed: share }) !== true
  if (shares.every(isCalm)) return { values, disturbed: null }
  // A run of a baseline has one share for all of its iterations.
  const calm = shares.length === values.length ? values.filter((_, i) => isCalm(shares[i]!)) : []
  if (calm.length && 2 * calm.length >= values.length) return { values: calm, disturbed: null }
  return {
    values,
    disturbed: `others held it up for ${Math.round(100 * shareOfOthers(series)!)} % of its time`,
  }
}

/** Wall clock : CPU time is the same in every undisturbed run, to a percent or so. */
const MOVED = 0.05

/**
 * For rows without evidence of disturbance: if wall clock : CPU time changed, and the CPU time changed less than the
 * wall clock, the machine is the likelier cause.
 */
function doubtClock(metric: string, { base, now }: Pair): Doubt[] {
  if (!isWallClock(metric) || !base || [base, now].every((side) => shareOfOthers(side) !== null)) return []
  const [wallBefore, wallAfter] = [base, now].map((side) => medianOf(numbersOf(side, metric)))
  const [cpuBefore, cpuAfter] = [base, now].map((side) => medianOf(numbersOf(side, 'cpu_s')))
  if (!wallBefore || !wallAfter || !cpuBefore || !cpuAfter) return []
  const [before, after] = [wallBefore / cpuBefore, wallAfter / cpuAfter]
  const moved = Math.abs(Math.log(after / before))
  if (moved < MOVED || moved < Math.abs(Math.log(cpuAfter / cpuBefore))) return []
  return [
    {
      reason: `wall clock : CPU time went from ${before.toFixed(2)} to ${after.toFixed(2)}, so the machine is the likelier cause`,
      slowed: after > before ? 'now' : 'base',
    },
  ]
}

/** Figures below the clock's resolution would have no ratio: they count as this, which is far below any floor. */
const LEAST = 1e-6

const positive = (values: readonly number[]) => values.map((value) => Math.max(value, LEAST))

interface NoisyContext {
  rules: GateRules
  family: TestFamily
  absence: string | null
}

/** Judges a time, a memory figure, or a size that varies from run to run. */
export function judgeNoisy(gate: Gate, context: NoisyContext): ComparedCheck {
  const { metric, pair, budget, conditions } = gate
  const { family, absence } = context
  const now = numbersOf(pair.now, metric)
  const base = numbersOf(pair.base, metric)
  const [before, after] = [medianOf(base), medianOf(now)]
  const tested = family.find(gate)
  const change = tested?.change ?? null
  const figures = {
    baseline:
      before === null
        ? null
        : { value: before, n: base.length, ...(tested?.runs ? { runs: tested.runs } : {}) },
    now: after === null ? null : { value: after, n: now.length },
    change: change ? growthOf(change) : before && after !== null ? after / before - 1 : null,
    interval: change && { ...growthInterval(change), of: family.basis },
    p: change && tested!.pIncrease,
  }
  const check = { ...placeOf(gate), ...figures }
  if (after === null) {
    const reason = whyNotNow(gate)
    return { ...check, verdict: 'missing', missing: 'now', reason }
  }
  if (budget?.limit.kind === 'absolute') {
    if (after <= budget.limit.max) return { ...check, verdict: 'ok' }
    const { disturbed } = readRun(pair.now, metric)
    return disturbed === null
      ? { ...check, verdict: 'regression' }
      : { ...check, verdict: 'inconclusive', detectable: null, reason: `${disturbed}; ${QUIETER}` }
  }
  if (before === null) {
    return { ...check, verdict: 'missing', missing: 'baseline', reason: whyNoBaseline(gate, absence) }
  }
  const differences = conditions?.differ ?? []
  if (differences.length || !tested) {
    return { ...check, verdict: 'not_comparable', differences, reason: differences.join('; ') }
  }
  if (!change) {
    const reason = `${Math.min(base.length, now.length)} pairs are too few to know their scatter: at least ${LEAST_PAIRS} are needed`
    return { ...check, verdict: 'inconclusive', detectable: null, reason }
  }
  return { ...check, ...decide(gate, { ...tested, change }, before, context) }
}

type Decision =
  | { verdict: 'ok' | 'improved' | 'regression' | 'finding'; reason: string | null }
  | { verdict: 'inconclusive'; detectable: number | null; reason: string }

/**
 * A regression is a change that is surely over the limit, an `ok` one that is surely not. Anything else is
 * inconclusive.
 * @param base figure of the baseline, in its own unit
 */
function decide(
  { metric, budget }: Gate,
  { change, sinceOldest, doubts, runs, ...p }: Tested & { change: Change },
  base: number,
  { rules: { floors }, family }: NoisyContext,
): Decision {
  const { alpha, missed, tests, basis } = family
  const limit = budget?.limit.kind === 'relative' ? budget.limit.growth : 0
  const floor = floorOf(metric, floors)
  const isOver = (growth: number) => growth > limit && base * growth > floor
  const growth = growthOf(change)
  const isRegression = isOver(growth) && p.pIncrease <= alpha
  const isImproved = p.pDecrease <= alpha && -base * growth > floor
  const isOk = base * upperGrowth(change, 1 - missed) <= base * limit + floor
  // Disturbance only slows things down. So a regression against a disturbed baseline is real, and so is an ok or an
  // improvement of a disturbed run.
  const isDoubtful = (side: Doubt['slowed']) => doubts.some(({ slowed }) => slowed === side)
  if (isImproved && !isDoubtful('base')) return { verdict: 'improved', reason: null }
  if (isRegression && !isDoubtful('now')) return { verdict: 'regression', reason: null }
  if (doubts.length && (isImproved || isDoubtful('base') || !isOk))
    return { verdict: 'inconclusive', detectable: null, reason: `${doubts[0]!.reason}; ${QUIETER}` }
  if (sinceOldest && isOver(growthOf(sinceOldest)) && p.pCreep <= alpha) {
    const percent = Math.round(100 * growthOf(sinceOldest))
    return { verdict: 'finding', reason: `crept up: +${percent} % since the oldest of ${runs} runs` }
  }
  if (isOk) {
    const reason = growth > limit ? `over its limit by less than the floor of ${floor}` : null
    return { verdict: 'ok', reason }
  }
  const smallest = Math.max(limit, floor / base)
  const detectable = detectableGrowth(change, { alpha: alpha / tests, limit: smallest })
  const what = isOver(growth) ? 'over its limit, and may be chance' : 'may be over its limit'
  return { verdict: 'inconclusive', detectable, reason: `${what}; ${ADVICE[basis]}` }
}

const QUIETER = 'measure again on a quiet machine, or in turns with npx provemark compare'

/** What would decide it. */
const ADVICE: Record<Basis, string> = {
  pairs: 'more pairs or a quieter machine would decide it: --iterations, --until-decided',
  runs: 'npx provemark compare runs both builds in turns, which finds much smaller changes',
}

const medianOf = (values: readonly number[]) => (values.length ? median(values as number[]) : null)
