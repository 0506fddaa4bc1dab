/** Ranks from 1 and the sizes of the groups of ties (those of one value alone left out). */
export interface Ranking {
  ranks: Float64Array
  ties: number[]
}

/** Ranks of the values, ties sharing their mean rank. */
export function rankWithTies(values: readonly number[]): Ranking {
  const rankOf = new Map<number, number>()
  const ties: number[] = []
  for (const { value, start, end } of groupEqual(values)) {
    rankOf.set(value, (start + end + 1) / 2)
    if (end - start > 1) ties.push(end - start)
  }
  return { ranks: Float64Array.from(values, (value) => rankOf.get(value)!), ties }
}

/** Sizes of the groups of ties alone. */
export function countTies(values: readonly number[]): number[] {
  return [...groupEqual(values)].map(({ start, end }) => end - start).filter((size) => size > 1)
}

/** Groups of equal values in ascending order, with their places among all values: the end is not part of it. */
function* groupEqual(values: readonly number[]) {
  // Typed arrays sort without a comparison in JavaScript, several times as fast.
  const sorted = Float64Array.from(values).toSorted()
  for (let start = 0; start < sorted.length;) {
    const value = sorted[start]!
    let end = start + 1
    while (end < sorted.length && sorted[end] === value) end++
    yield { value, start, end }
    start = end
  }
}
