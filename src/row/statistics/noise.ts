import jStat from 'jstat'
import { median, quantile } from 'simple-statistics'

/** Number of pairs i < j with values[i] > values[j], by merge sort: O(n log n), so a million rows stay cheap. */
export function countInversions(values: readonly number[]): number {
  let from = Float64Array.from(values)
  let to = new Float64Array(from.length)
  let inversions = 0
  for (let width = 1; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length)
      const end = Math.min(start + 2 * width, from.length)
      let left = start
      let right = middle
      for (let k = start; k < end; k++) {
        if (left < middle && (right >= end || (from[left] as number) <= (from[right] as number))) {
          to[k] = from[left++] as number
        } else {
          to[k] = from[right++] as number
          inversions += middle - left
        }
      }
    }
    ;[from, to] = [to, from]
  }
  return inversions
}

interface Drift {
  /** Kendall's score: rising pairs minus falling pairs. */
  s: number
  /** Two-sided p of that score if the order of the samples is random. */
  p: number
  /** Median of the second half over that of the first half, minus 1: 0.1 means 10 % slower later on. */
  change: number
}

// Above this n the exact distribution is slow and the normal one agrees with it.
const EXACT_MAX_N = 60

/**
 * Distribution-free Mann-Kendall test for a trend over iterations. The p is exact without ties up to n = 60, otherwise
 * normal with the variance corrected for ties and a continuity correction. Null for n < 4.
 */
export function testDrift(samples: readonly number[]): Drift | null {
  const n = samples.length
  if (n < 4) return null
  const { ties } = rankWithTies(samples)
  const tiedPairs = ties.reduce((sum, t) => sum + (t * (t - 1)) / 2, 0)
  const falling = countInversions(samples)
  const rising = (n * (n - 1)) / 2 - tiedPairs - falling
  const s = rising - falling
  const p = ties.length === 0 && n <= EXACT_MAX_N ? exactP(n, Math.min(rising, falling)) : normalP(n, s, ties)
  const half = Math.floor(n / 2)
  const before = median(samples.slice(0, half))
  const change = before === 0 ? 0 : median(samples.slice(n - half)) / before - 1
  return { s, p, change }
}

/** Two-sided p: the chance that a random order of n has a number of inversions at least as extreme. */
function exactP(n: number, inversions: number): number {
  let shares = Float64Array.of(1) // shares[k]: share of the orders of m that have k inversions
  for (let m = 2; m <= n; m++) {
    const next = new Float64Array(shares.length + m - 1)
    shares.forEach((share, k) => {
      for (let step = 0; step < m; step++) next[k + step] = (next[k + step] as number) + share / m
    })
    shares = next
  }
  let tail = 0
  for (let k = 0; k <= inversions; k++) tail += shares[k] as number
  return Math.min(1, 2 * tail)
}

function normalP(n: number, s: number, ties: readonly number[]): number {
  const variance = (varianceTerm(n) - ties.reduce((sum, t) => sum + varianceTerm(t), 0)) / 18
  if (s === 0 || variance === 0) return 1
  const z = (Math.abs(s) - 1) / Math.sqrt(variance)
  return Math.min(1, 2 * jStat.normal.cdf(-z, 0, 1))
}

const varianceTerm = (size: number) => size * (size - 1) * (2 * size + 5)

interface SerialCorrelation {
  /** Correlation of the ranks of neighbours, about -1 .. 1; 0 for independent samples. */
  lag1: number
  /** Two-sided p of it if the samples are independent. */
  p: number
}

/**
 * Bartels' rank version of von Neumann's ratio test (JASA 77, 1982): whether each sample depends on its neighbour.
 * Distribution-free. The normal approximation holds from n = 10, so null below. All samples equal give p = 1.
 */
export function testSerialCorrelation(samples: readonly number[]): SerialCorrelation | null {
  const n = samples.length
  if (n < 10) return null
  const { ranks } = rankWithTies(samples)
  const centre = (n + 1) / 2
  let spread = 0
  let steps = 0
  ranks.forEach((rank, i) => {
    spread += (rank - centre) ** 2
    if (i > 0) steps += (rank - (ranks[i - 1] as number)) ** 2
  })
  if (spread === 0) return { lag1: 0, p: 1 }
  const ratio = steps / spread // 2 if neighbours are independent, 0 if they are equal
  const variance = (4 * (n - 2) * (5 * n * n - 2 * n - 9)) / (5 * n * (n + 1) * (n - 1) ** 2)
  const z = Math.abs(ratio - 2) / Math.sqrt(variance)
  return { lag1: 1 - ratio / 2, p: 2 * jStat.normal.cdf(-z, 0, 1) }
}

interface Fences {
  lower: number
  upper: number
}

/**
 * Tukey's fences: `reach` interquartile ranges beyond the quartiles; 1.5 for mild outliers, 3 for far ones. Null for n
 * < 4, where quartiles mean nothing.
 */
export function tukeyFences(samples: readonly number[], reach = 1.5): Fences | null {
  if (samples.length < 4) return null
  const [q1, q3] = quantile(samples as number[], [0.25, 0.75]) as [number, number]
  return { lower: q1 - reach * (q3 - q1), upper: q3 + reach * (q3 - q1) }
}

/** Indices of the samples beyond the fences, in order. */
export function findOutliers(samples: readonly number[], reach = 1.5): number[] {
  const fences = tukeyFences(samples, reach)
  if (!fences) return []
  return samples.flatMap((sample, index) => (sample < fences.lower || sample > fences.upper ? [index] : []))
}

/** Why a series of times is doubtful; the message says what was seen and what to do. */
interface NoiseWarning {
  code: 'FIRST_RUN_SLOW' | 'OUTLIERS' | 'DRIFT' | 'SERIAL_CORRELATION'
  message: string
}

// The tests run on every phase of every point, so each may raise only one false alarm in a hundred.
const ALPHA = 0.01
// Differences below this share of the median are not worth a warning, however regular they are.
const MATERIAL = 0.05

/** Warnings on the times of one phase in the order in which they were measured; none for n < 4. */
export function findNoise(samples: readonly number[]): NoiseWarning[] {
  if (samples.length < 4) return []
  const middle = median(samples as number[])
  const isMaterial = (sample: number) => Math.abs(sample - middle) > MATERIAL * Math.abs(middle)
  const warnings: NoiseWarning[] = []

  const [first, ...rest] = samples as [number, ...number[]]
  const fences = tukeyFences(rest, 3)
  const firstIsSlow = fences !== null && first > fences.upper && first > middle && isMaterial(first)
  if (firstIsSlow) {
    const message = `the first time is ${percent(first / median(rest) - 1)} longer than the others: a cold cache?`
    warnings.push({ code: 'FIRST_RUN_SLOW', message })
  }
  // A long first time has its own warning. It must not count as an outlier or a trend too.
  const settled = firstIsSlow ? rest : samples
  const outliers = findOutliers(settled, 3).filter((index) => isMaterial(settled[index] as number))
  if (outliers.length > 0) {
    const message = `${outliers.length} of ${settled.length} times are far off: close other programs and measure again`
    warnings.push({ code: 'OUTLIERS', message })
  }
  const drift = testDrift(settled)
  if (drift && drift.p < ALPHA && Math.abs(drift.change) > MATERIAL) {
    const message = `later times are ${percent(Math.abs(drift.change))} ${drift.change > 0 ? 'longer' : 'shorter'}`
    warnings.push({ code: 'DRIFT', message: `${message}: heat, or a busy machine?` })
    return warnings
  }
  const correlation = testSerialCorrelation(settled)
  const spread = tukeyFences(settled, 0)
  if (correlation && correlation.p < ALPHA && spread && spread.upper - spread.lower > MATERIAL * middle) {
    const message = 'each time resembles the one before it: the interval is narrower than it should be'
    warnings.push({ code: 'SERIAL_CORRELATION', message })
  }
  return warnings
}

const percent = (part: number) => `${(100 * part).toFixed(0)} %`

/** Ranks of the values from 1, where ties share their mean rank, and the sizes of the groups of ties. */
export function rankWithTies(values: readonly number[]): { ranks: Float64Array; ties: number[] } {
  const sorted = Float64Array.from(values).toSorted()
  const rankOf = new Map<number, number>()
  const ties: number[] = []
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    const value = sorted[start]!
    do end++
    while (sorted[end] === value)
    rankOf.set(value, (start + end + 1) / 2)
    if (end - start > 1) ties.push(end - start)
  }
  return { ranks: Float64Array.from(values, (value) => rankOf.get(value)!), ties }
}
