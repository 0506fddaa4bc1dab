import { median } from 'simple-statistics'
import { getOrAdd } from '../row/collections.ts'
import { labelVariants } from '../row/identity.ts'
import { isCounter, type MetricId } from '../row/metrics.ts'
import { createIndexSource } from '../row/statistics/random.ts'
import { rankWithTies } from '../row/statistics/noise.ts'
import type { CollectedRun, Trace } from './collect.ts'
import type { ChangePoint, HistorySeries } from './data.ts'
import { labelSide } from './machine.ts'
import { summarize } from './points.ts'

interface ChangePointOptions {
  /** Maximum probability of an equally clear split in a series without a change. */
  alpha?: number
  /** Smallest change of level that is reported, as a fraction: 0.03 is 3 %. */
  minChange?: number
  seed?: number
  /** Shared by series that are searched one after the other, which makes this much faster. */
  chance?: Chance
}

const PERMUTATIONS = 9999
const MIN_SIDE = 2

/**
 * Finds lasting changes of level in a series with Pettitt's rank statistic (Applied Statistics 28, 1979). The p comes
 * from random permutations, because his formula is far too large for short series. Both sides of a change are searched
 * again. Ranks keep an outlier from looking like a change. At alpha 0.01 a series needs about a dozen values.
 */
export function findChangePoints(
  values: readonly number[],
  { alpha = 0.01, minChange = 0.03, seed = 1, chance = new Chance(seed) }: ChangePointOptions = {},
): ChangePoint[] {
  const found: number[] = []
  const open: [number, number][] = [[0, values.length]]
  for (let span = open.pop(); span; span = open.pop()) {
    const [from, to] = span
    const at = findSplit(values.slice(from, to), alpha, chance)
    if (at === null) continue
    found.push(from + at)
    open.push([from, from + at], [from + at, to])
  }
  return describeLevels(
    values,
    found.toSorted((a, b) => a - b),
    minChange,
  )
}

/** Every change of a value that repeats exactly: counters, sizes. */
export function findExactChanges(values: readonly number[]): ChangePoint[] {
  return values.flatMap((after, at) => {
    const before = values[at - 1]
    return before === undefined || before === after ? [] : [{ at, before, after }]
  })
}

function describeLevels(
  values: readonly number[],
  found: readonly number[],
  minChange: number,
): ChangePoint[] {
  const ends = [0, ...found, values.length]
  return found.flatMap((at, i) => {
    const before = median(values.slice(ends[i], at))
    const after = median(values.slice(at, ends[i + 2]))
    return Math.abs(after / before - 1) >= minChange ? [{ at, before, after }] : []
  })
}

/** First index of the second level; null if chance can split the series just as clearly. */
function findSplit(values: readonly number[], alpha: number, chance: Chance): number | null {
  if (values.length < 2 * MIN_SIDE) return null
  const { ranks, ties } = rankWithTies(values)
  const clarity = splitClarity(ranks)
  const orders = chance.ordersOf(ranks, ties.length > 0)
  const allowed = Math.floor(alpha * (PERMUTATIONS + 1)) - 1
  let asClear = 0
  for (let i = 0; i < PERMUTATIONS; i++)
    if (orders.clarityOf(i) >= clarity && ++asClear > allowed) return null
  return locateSplit(values)
}

/**
 * Random orders of ranks. Without ties, all series of one length have the same ranks, so they share their orders, which
 * are drawn as far as one of them needs.
 */
class Chance {
  readonly #seed: number
  readonly #shared = new Map<number, RandomOrders>()

  constructor(seed = 1) {
    this.#seed = seed
  }

  ordersOf(ranks: Float64Array, hasTies: boolean): RandomOrders {
    const start = () => new RandomOrders(ranks, this.#seed)
    return hasTies ? start() : getOrAdd(this.#shared, ranks.length, start)
  }
}

class RandomOrders {
  readonly #ranks: Float64Array
  readonly #drawIndex: (n: number) => number
  readonly #clarities: number[] = []

  constructor(ranks: Float64Array, seed: number) {
    this.#ranks = ranks.slice()
    this.#drawIndex = createIndexSource(seed)
  }

  /** How clearly the i-th order splits. */
  clarityOf(i: number): number {
    while (this.#clarities.length <= i) {
      shuffle(this.#ranks, this.#drawIndex)
      this.#clarities.push(splitClarity(this.#ranks))
    }
    return this.#clarities[i]!
  }
}

/** The largest |U| over all splits: how far the ranks of the first part deviate from those of the whole. */
function splitClarity(ranks: Float64Array): number {
  const n = ranks.length
  let largest = 0
  let sum = 0
  for (let i = 1; i <= n - MIN_SIDE; i++) {
    sum += ranks[i - 1] as number
    if (i >= MIN_SIDE) largest = Math.max(largest, Math.abs(2 * sum - i * (n + 1)))
  }
  return largest
}

/**
 * The split with the smallest residuals around two medians. Ranks show that there is a change, but not exactly where.
 */
function locateSplit(values: readonly number[]): number {
  let best = { at: MIN_SIDE, rest: Infinity }
  for (let at = MIN_SIDE; at <= values.length - MIN_SIDE; at++) {
    const rest = sumDeviations(values.slice(0, at)) + sumDeviations(values.slice(at))
    if (rest < best.rest) best = { at, rest }
  }
  return best.at
}

function sumDeviations(values: readonly number[]): number {
  const centre = median(values as number[])
  return values.reduce((sum, value) => sum + Math.abs(value - centre), 0)
}

function shuffle(values: Float64Array, drawIndex: (n: number) => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = drawIndex(i + 1)
    const kept = values[i] as number
    values[i] = values[j] as number
    values[j] = kept
  }
}

/** Every time, memory and totalCost of every point across ordered runs, with the changes of level. */
export function traceHistory(runs: readonly CollectedRun[], maxPoints: number): HistorySeries[] {
  if (runs.length < 2) return []
  const all = runs.flatMap(({ traces }) => [...(traces?.values() ?? [])])
  const labelOf = labelVariants(all.map(({ variant }) => variant))
  const series = new Map<string, HistorySeries>()
  for (const [at, { traces }] of runs.entries()) {
    for (const [key, trace] of [...(traces ?? [])].slice(0, maxPoints)) {
      for (const [metric, samples] of trace.samples) {
        const figure = summarize(samples.toArray(), 0)!
        const own = getOrAdd(series, `${metric} ${key}`, () =>
          startSeries(trace, labelSide(labelOf(trace.variant), trace.side), metric),
        )
        own.runs.push(at)
        own.medians.push(figure.median)
        own.lo.push(figure.lo)
        own.hi.push(figure.hi)
      }
    }
  }
  const chance = new Chance()
  return [...series.values()]
    .filter((own) => own.runs.length > 1)
    .map((own) => ({ ...own, changes: findChanges(own, chance) }))
}

function startSeries({ name, track }: Trace, prover: string | null, metric: MetricId): HistorySeries {
  return { name, track, prover, metric, runs: [], medians: [], lo: [], hi: [], changes: [] }
}

function findChanges({ metric, medians }: HistorySeries, chance: Chance) {
  return isCounter(metric) ? findExactChanges(medians) : findChangePoints(medians, { chance })
}
