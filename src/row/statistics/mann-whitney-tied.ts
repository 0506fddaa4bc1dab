/**
 * Exact tails of the Mann-Whitney U with ties: of all ways to choose n of the pooled ranks, which part has a sum at
 * least, and at most, that of the first n. Counted by choosing value for value, so no way is looked at by itself.
 */
export function countTiedTails(ranks: Float64Array, n: number): { above: number; below: number } {
  // Shared ranks are halves: doubled they are whole.
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
