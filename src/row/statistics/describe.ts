import {
  max,
  mean,
  median,
  medianAbsoluteDeviation,
  min,
  sampleStandardDeviation,
  quantile,
} from 'simple-statistics'
import jStat from 'jstat'

/** Statistics of one sample in the sample's own unit. `sd` is the sample standard deviation (n - 1), null for n = 1. */
export interface Description {
  n: number
  mean: number
  sd: number | null
  best: number
  worst: number
  median: number
  mad: number
}

/** Describes a sample of finite numbers; null if it is empty. */
export function describe(samples: readonly number[]): Description | null {
  if (samples.length === 0) return null
  const values = samples as number[]
  return {
    n: values.length,
    mean: mean(values),
    sd: values.length > 1 ? sampleStandardDeviation(values) : null,
    best: min(values),
    worst: max(values),
    median: median(values),
    mad: medianAbsoluteDeviation(values),
  }
}

/** A confidence interval: its ends in the unit of the sample, and its nominal confidence. */
export interface Interval {
  lo: number
  hi: number
  confidence: number
}

// Above this n the normal approximation of the binomial's tails is accurate to all digits shown here.
const EXACT_MAX_N = 500

/**
 * Distribution-free confidence interval of the median between order statistics.
 *
 * The interval between the d-th smallest and the d-th largest sample has an exact confidence (a binomial tail) that
 * jumps with d, from 89.1 % to 97.9 % at n = 10. The ends are interpolated between the two neighbours as in
 * Hettmansperger and Sheather (Statistics & Probability Letters 4, 1986), which comes within 1 % of the requested
 * confidence for n >= 6. It beat the percentile bootstrap for every n tried (6 to 30).
 *
 * Null if no interval reaches the confidence: for 95 %, n < 6.
 */
export function estimateMedianInterval(samples: readonly number[], confidence = 0.95): Interval | null {
  const n = samples.length
  const depth = findDepth(n, confidence)
  if (depth === null) return null
  const sorted = Float64Array.from(samples).toSorted()
  const { d, lambda } = depth
  const at = (index: number) => sorted[index] as number
  return {
    lo: mix(at(d - 1), at(d), lambda),
    hi: mix(at(n - d), at(n - d - 1), lambda),
    confidence,
  }
}

/** Half the interval's width divided by the median: 0.05 is ± 5 %. Infinite if the median is 0. */
export function relativeHalfWidth(interval: Interval, samples: readonly number[]): number {
  const halfWidth = (interval.hi - interval.lo) / 2
  return halfWidth === 0 ? 0 : halfWidth / Math.abs(median(samples as number[]))
}

// In this form equal ends give exactly that number: (1 - l) * a + l * a may differ from a in the last bit.
const mix = (from: number, to: number, lambda: number) => from + lambda * (to - from)

/** The largest depth d whose interval still has the confidence, and how far to interpolate towards d + 1. */
function findDepth(n: number, confidence: number): { d: number; lambda: number } | null {
  if (n > EXACT_MAX_N) {
    const rank = n / 2 - (jStat.normal.inv((1 + confidence) / 2, 0, 1) * Math.sqrt(n)) / 2
    return { d: Math.max(1, Math.floor(rank)), lambda: 0 }
  }
  let mass = 0.5 ** n // P(B = d), B binomial(n, 1/2)
  let held = 1 - 2 * mass // confidence of the interval at depth d
  if (n < 2 || held < confidence) return null
  for (let d = 1; ; d++) {
    mass *= (n - d + 1) / d
    const next = held - 2 * mass
    if (next < confidence) {
      const part = (held - confidence) / (held - next)
      return { d, lambda: ((n - d) * part) / (d + (n - 2 * d) * part) }
    }
    held = next
  }
}

export interface Latency {
  p50: number
  /** Null if there are too few values to say anything about the slowest twentieth or hundredth. */
  p95: number | null
  p99: number | null
}

/** Percentiles of the times of a process that stays loaded; null if there are none. */
export function describeLatency(times: readonly number[]): Latency | null {
  if (!times.length) return null
  const at = (share: number) => (times.length * (1 - share) >= 1 ? quantile([...times], share) : null)
  return { p50: quantile([...times], 0.5), p95: at(0.95), p99: at(0.99) }
}

/** The slope is the median of the slopes of all pairs of at most this many of the last values, which is fast enough. */
const MOST = 200
/** One in a hundred: how often values without a trend may look as if they rose (test of Mann and Kendall). */
const RISING_Z = 2.33

/**
 * Growth from one value to the next (Theil and Sen), which a single outlier does not affect. Null unless there are at
 * least six values that clearly rise.
 */
export function findGrowth(values: readonly number[]): number | null {
  const last = values.slice(-MOST)
  const n = last.length
  if (n < 2) return null
  const slopes = last.flatMap((value, i) => last.slice(i + 1).map((later, j) => (later - value) / (j + 1)))
  const score = slopes.reduce((sum, slope) => sum + Math.sign(slope), 0)
  return (score - 1) / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18) > RISING_Z ? median(slopes) : null
}

/** Total length of some time spans, where overlaps count once. */
export function unionLength(begins: readonly number[], ends: readonly number[]): number {
  const stretches = begins.map((begin, i) => ({ begin, end: ends[i]! })).toSorted((a, b) => a.begin - b.begin)
  let [length, until] = [0, -Infinity]
  for (const { begin, end } of stretches) {
    length += Math.max(0, end - Math.max(begin, until))
    until = Math.max(until, end)
  }
  return length
}
