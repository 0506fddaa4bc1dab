import { median, quantile } from 'simple-statistics'

export interface Latency {
  p50: number
  /** Null with fewer values than say anything about the rarest twentieth, or hundredth. */
  p95: number | null
  p99: number | null
}

/** Percentiles of the answers of a process that stays loaded; null without any. */
export function describeLatency(times: readonly number[]): Latency | null {
  if (!times.length) return null
  const at = (share: number) => (times.length * (1 - share) >= 1 ? quantile([...times], share) : null)
  return { p50: quantile([...times], 0.5), p95: at(0.95), p99: at(0.99) }
}

/** The slope is the median of the slopes of all pairs: of so many of the last values, which stay quick. */
const MOST = 200
/** One in a hundred: how often values without a trend may look as if they rose (test of Mann and Kendall). */
const RISING_Z = 2.33

/**
 * Growth from one value to the next (Theil and Sen), the same with a single outlier or without; null where the values,
 * at least six, do not clearly rise.
 */
export function findGrowth(values: readonly number[]): number | null {
  const last = values.slice(-MOST)
  const n = last.length
  if (n < 2) return null
  const slopes = last.flatMap((value, i) => last.slice(i + 1).map((later, j) => (later - value) / (j + 1)))
  const score = slopes.reduce((sum, slope) => sum + Math.sign(slope), 0)
  return (score - 1) / Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18) > RISING_Z ? median(slopes) : null
}
