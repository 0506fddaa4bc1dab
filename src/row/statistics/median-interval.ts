import jStat from 'jstat'
import { median } from 'simple-statistics'

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
