import { median } from 'simple-statistics'
import { bootstrapMedians } from '../row/statistics/bootstrap.ts'
import { testMannWhitney } from '../row/statistics/mann-whitney.ts'
import type { Interval } from '../row/statistics/median-interval.ts'
import { canDecide, type Family } from './required-n.ts'

/** Two samples of a noisy metric, in its own unit. */
export interface NoisyComparison {
  base: number
  now: number
  /** One-sided p that there is an increase, or a decrease, at all. */
  pIncrease: number
  pDecrease: number
  /** Slowest repetitions of both sides that the test left out. */
  setAside: number
}

/** Part of the repetitions of both sides that may be outliers. */
const OUTLIERS = 1 / 20

/**
 * Compares two samples, neither of them empty. The test leaves out the largest twentieth of both sides together, where
 * enough stays: one repetition of the baseline that something else on the machine slowed down would hide a regression
 * of all others. Which ones go does not depend on the side that they are from, so the test stays exact. The medians
 * are of all.
 */
export function compareNoisy(
  base: readonly number[],
  now: readonly number[],
  family: Family,
): NoisyComparison {
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

/** The value from which on repetitions are left out; infinite where all are needed or it ties with what stays. */
function findLargest(pooled: readonly number[], n: number, m: number, family: Family): number {
  const count = Math.floor(pooled.length * OUTLIERS)
  const isEnough = canDecide(n - count, m, family) && canDecide(n, m - count, family)
  if (count === 0 || !isEnough) return Infinity
  const sorted = Float64Array.from(pooled).toSorted()
  const first = sorted[pooled.length - count]!
  return first > sorted[pooled.length - count - 1]! ? first : Infinity
}

/** Bootstrap interval of the growth of the median; null where the baseline's median may be 0. */
export function growthInterval(
  base: readonly number[],
  now: readonly number[],
  seed: number,
): Interval | null {
  const growth = ([after, before]: number[]) => after! / before! - 1
  const interval = bootstrapMedians([now, base], growth, { seed })
  return interval && Number.isFinite(interval.lo) && Number.isFinite(interval.hi) ? interval : null
}
