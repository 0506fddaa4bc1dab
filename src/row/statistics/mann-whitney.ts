import jStat from 'jstat'
import { rankWithTies } from './ranks.ts'

interface MannWhitney {
  /** Number of pairs in which the first sample's value is larger; ties count one half. */
  u: number
  /** p of the two-sided test, and of the one-sided tests that the first sample tends to be larger, or smaller. */
  p: number
  pGreater: number
  pLess: number
  method: 'exact' | 'normal'
}

// Up to this many pairs the exact distribution is used: 50 against 50 takes milliseconds. Ties cost more.
const EXACT_MAX_PAIRS = 2500
const EXACT_MAX_TIED_PAIRS = 400

/**
 * Mann-Whitney U test of two independent samples. Exact up to 2,500 pairs, or 400 with ties; 3 against 3 can then give
 * no less than 0.1. Beyond that normal, corrected for ties and continuity. Null if a sample is empty.
 */
export function testMannWhitney(first: readonly number[], second: readonly number[]): MannWhitney | null {
  const [n, m] = [first.length, second.length]
  if (n === 0 || m === 0) return null
  const { ranks, ties } = rankWithTies([...first, ...second])
  const u = ranks.subarray(0, n).reduce((sum, rank) => sum + rank, 0) - (n * (n + 1)) / 2
  const isExact = n * m <= (ties.length === 0 ? EXACT_MAX_PAIRS : EXACT_MAX_TIED_PAIRS)
  const { above, below } = findTails({ n, m, u, ranks, ties, isExact })
  return {
    u,
    p: Math.min(1, 2 * Math.min(above, below)),
    pGreater: above,
    pLess: below,
    method: isExact ? 'exact' : 'normal',
  }
}

interface Statistic {
  n: number
  m: number
  u: number
  ranks: Float64Array
  ties: readonly number[]
  isExact: boolean
}

/** P(U >= u) and P(U <= u) if the samples do not differ. */
function findTails({ n, m, u, ranks, ties, isExact }: Statistic): { above: number; below: number } {
  if (isExact && ties.length > 0) return countTiedTails(ranks, n)
  const tail = isExact ? exactTail(n, m) : normalTail(n, m, ties)
  return { above: tail(u), below: tail(n * m - u) }
}

/** P(U >= u) if all orders are equally likely: U of (n, m) is U of (n - 1, m) plus m, or U of (n, m - 1). */
function exactTail(n: number, m: number): (u: number) => number {
  const shares = recall(`${n} ${m}`, () => countShares(n, m))
  return (u) => shares.subarray(u).reduce((sum, share) => sum + share, 0)
}

// A run tests many figures with the same few sizes.
const MAX_RECALLED = 32
const recalled = new Map<string, Float64Array>()

function recall(key: string, count: () => Float64Array): Float64Array {
  const known = recalled.get(key)
  if (known) return known
  if (recalled.size >= MAX_RECALLED) recalled.clear()
  const shares = count()
  recalled.set(key, shares)
  return shares
}

/** Share of the orders that gives each U. */
function countShares(n: number, m: number): Float64Array {
  let smaller: Float64Array[] = Array.from({ length: m + 1 }, () => Float64Array.of(1))
  for (let i = 1; i <= n; i++) {
    const current = [Float64Array.of(1)]
    for (let j = 1; j <= m; j++) {
      const shares = new Float64Array(i * j + 1)
      // The largest of all i + j values belongs to the first sample with probability i / (i + j).
      smaller[j]?.forEach((share, k) => (shares[k + j] = (share * i) / (i + j)))
      current[j - 1]?.forEach((share, k) => (shares[k] = (shares[k] as number) + (share * j) / (i + j)))
      current.push(shares)
    }
    smaller = current
  }
  return smaller[m] as Float64Array
}

function normalTail(n: number, m: number, ties: readonly number[]): (u: number) => number {
  const total = n + m
  const tied = ties.reduce((sum, t) => sum + t ** 3 - t, 0)
  const variance = ((n * m) / 12) * (total + 1 - tied / (total * (total - 1)))
  if (variance === 0) return () => 1
  return (u) => jStat.normal.cdf(-(u - (n * m) / 2 - 0.5) / Math.sqrt(variance), 0, 1)
}

/**
 * Exact tails of the Mann-Whitney U with ties: of all ways to choose n of the pooled ranks, the share whose sum is at
 * least, and at most, that of the first n. Counted value by value, so no combination is enumerated.
 */
function countTiedTails(ranks: Float64Array, n: number): { above: number; below: number } {
  // Tied ranks can be halves; doubled they are integers.
  const doubled = Array.from(ranks, (rank) => Math.round(2 * rank))
  const observed = doubled.slice(0, n).reduce((sum, rank) => sum + rank, 0)
  const most = doubled
    .toSorted((a, b) => b - a)
    .slice(0, n)
    .reduce((sum, rank) => sum + rank, 0)
  // ways[k][s]: ways to choose k of the ranks so far with sum s.
  const ways = Array.from({ length: n + 1 }, () => new Float64Array(most + 1))
  ways[0]![0] = 1
  for (const [index, rank] of doubled.entries()) {
    for (let k = Math.min(n, index + 1); k >= 1; k--) {
      const [from, to] = [ways[k - 1]!, ways[k]!]
      for (let sum = rank; sum <= most; sum++) to[sum]! += from[sum - rank]!
    }
  }
  const total = ways[n]!
  const all = total.reduce((sum, count) => sum + count, 0)
  const part = (counts: Float64Array) => counts.reduce((sum, count) => sum + count, 0) / all
  return { above: part(total.subarray(observed)), below: part(total.subarray(0, observed + 1)) }
}

/**
 * Holm's step-down correction. If adjusted p values under alpha are called significant, the probability of any false
 * one is at most alpha. Keeps the given order.
 */
export function adjustHolm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).toSorted((a, b) => (pValues[a] as number) - (pValues[b] as number))
  const adjusted: number[] = []
  let largest = 0
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues[index] as number) * (pValues.length - rank)))
    adjusted[index] = largest
  })
  return adjusted
}
