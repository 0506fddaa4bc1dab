import { median } from 'simple-statistics'
import { getOrAdd } from '../row/collections.ts'
import { labelVariants } from '../row/identity.ts'
import { isCounter } from '../row/metrics.ts'
import { createIndexSource } from '../row/statistics/random.ts'
import { rankWithTies } from '../row/statistics/noise.ts'
import type { CollectedRun } from './collect.ts'
import type { ChangePoint, HistorySeries } from './data.ts'
import { labelSide } from './machine.ts'

interface ChangePointOptions {
  seed?: number
  /** Shared by series that are searched one after the other, which makes this much faster. */
  shared?: SharedOrders
}

/** Maximum probability of an equally clear split in a series without a change. */
const ALPHA = 0.01
const PERMUTATIONS = 9999
const MIN_SIDE = 2
/** Smallest change of level that is reported, as a fraction. */
const MIN_CHANGE = 0.03

/**
 * Finds lasting changes of level in a series with Pettitt's rank statistic (Applied Statistics 28, 1979). The p comes
 * from random permutations, because his formula is far too large for short series. Both sides of a change are searched
 * again. Ranks keep an outlier from looking like a change. At p = 0.01 a series needs about a dozen values.
 */
export function findChangePoints(
  values: readonly number[],
  { seed = 1, shared = new Map() }: ChangePointOptions = {},
): ChangePoint[] {
  const search = (from: number, to: number): number[] => {
    const split = findSplit(values.slice(from, to), seed, shared)
    if (split === null) return []
    const at = from + split
    return [...search(from, at), at, ...search(at, to)]
  }
  const found = search(0, values.length)
  const ends = [0, ...found, values.length]
  return found.flatMap((at, i) => {
    const before = median(values.slice(ends[i], at))
    const after = median(values.slice(at, ends[i + 2]))
    return Math.abs(after / before - 1) >= MIN_CHANGE ? [{ at, before, after }] : []
  })
}

/** Every change of a value that repeats exactly: counters, sizes. */
export function findExactChanges(values: readonly number[]): ChangePoint[] {
  return values.flatMap((after, at) => {
    const before = values[at - 1]
    return before === undefined || before === after ? [] : [{ at, before, after }]
  })
}

/** First index of the second level; null if chance can split the series just as clearly. */
function findSplit(values: readonly number[], seed: number, shared: SharedOrders): number | null {
  if (values.length < 2 * MIN_SIDE) return null
  const { ranks, ties } = rankWithTies(values)
  const clarity = splitClarity(ranks)
  const start = () => drawOrders(ranks, seed)
  const clarityOf = ties.length > 0 ? start() : getOrAdd(shared, ranks.length, start)
  const allowed = Math.floor(ALPHA * (PERMUTATIONS + 1)) - 1
  let asClear = 0
  for (let i = 0; i < PERMUTATIONS; i++) if (clarityOf(i) >= clarity && ++asClear > allowed) return null
  return locateSplit(values)
}

/** How clearly the i-th random order of these ranks splits. */
type ClarityOf = (i: number) => number

/** Without ties, all series of one length have the same ranks, so they share their orders. */
type SharedOrders = Map<number, ClarityOf>

/** Random orders of ranks, drawn as far as they are asked for. */
function drawOrders(ranks: Float64Array, seed: number): ClarityOf {
  const order = ranks.slice()
  const drawIndex = createIndexSource(seed)
  const clarities: number[] = []
  return (i) => {
    while (clarities.length <= i) {
      shuffle(order, drawIndex)
      clarities.push(splitClarity(order))
    }
    return clarities[i]!
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
    for (const [key, { name, track, side, variant, samples }] of [...(traces ?? [])].slice(0, maxPoints)) {
      const prover = labelSide(labelOf(variant), side)
      for (const [metric, own] of samples) {
        const start = () => ({ name, track, prover, metric, runs: [], medians: [], changes: [] })
        const { runs: ats, medians } = getOrAdd(series, `${metric} ${key}`, start)
        ats.push(at)
        medians.push(median(own.toArray()))
      }
    }
  }
  const shared: SharedOrders = new Map()
  return [...series.values()]
    .filter(({ medians }) => medians.length > 1)
    .map((own) => ({
      ...own,
      changes: isCounter(own.metric)
        ? findExactChanges(own.medians)
        : findChangePoints(own.medians, { shared }),
    }))
}
