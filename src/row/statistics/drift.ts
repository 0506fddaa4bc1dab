import jStat from 'jstat'
import { median } from 'simple-statistics'
import { countInversions } from './inversions.ts'
import { countTies } from './ranks.ts'

export interface Drift {
  /** Kendall's score: pairs that rise less pairs that fall. */
  s: number
  /** Two-sided p of that score where the order of the samples is chance. */
  p: number
  /** Median of the later half over that of the earlier half, less 1: 0.1 is 10 % slower later on. */
  change: number
}

// Beyond it the exact distribution costs time and the normal one agrees with it.
const EXACT_MAX_N = 60

/**
 * Mann-Kendall test for a trend over iterations, for any distribution. The p is exact without ties up to n = 60,
 * else normal with the variance corrected for ties and a continuity correction. Null for n < 4.
 */
export function testDrift(samples: readonly number[]): Drift | null {
  const n = samples.length
  if (n < 4) return null
  const ties = countTies(samples)
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

/** Two-sided p that a random order of n has at most so few (or so many) inversions. */
function exactP(n: number, inversions: number): number {
  let shares = Float64Array.of(1) // shares[k]: part of the orders of m that have k inversions
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
  const variance = (spread(n) - ties.reduce((sum, t) => sum + spread(t), 0)) / 18
  if (s === 0 || variance === 0) return 1
  const z = (Math.abs(s) - 1) / Math.sqrt(variance)
  return Math.min(1, 2 * jStat.normal.cdf(-z, 0, 1))
}

const spread = (size: number) => size * (size - 1) * (2 * size + 5)
