/** Ranks from 1, and the sizes of the groups of ties (single values left out). */
interface Ranking {
  ranks: Float64Array
  ties: number[]
}

/** Ranks of the values; ties share their mean rank. */
export function rankWithTies(values: readonly number[]): Ranking {
  const sorted = Float64Array.from(values).toSorted()
  const rankAt = new Float64Array(sorted.length)
  const ties: number[] = []
  for (const { start, end } of groupEqual(sorted)) {
    rankAt.fill((start + end + 1) / 2, start, end)
    if (end - start > 1) ties.push(end - start)
  }
  return { ranks: Float64Array.from(values, (value) => rankAt[findPlace(sorted, value)]!), ties }
}

/** Sizes of the groups of ties. */
export function countTies(values: readonly number[]): number[] {
  return [...groupEqual(Float64Array.from(values).toSorted())]
    .map(({ start, end }) => end - start)
    .filter((size) => size > 1)
}

/** Index of the first value that is not below this one. */
function findPlace(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Groups of equal values in ascending order, with their index range among all values; the end is exclusive. */
function* groupEqual(sorted: Float64Array) {
  for (let start = 0; start < sorted.length;) {
    const value = sorted[start]!
    let end = start + 1
    while (end < sorted.length && sorted[end] === value) end++
    yield { start, end }
    start = end
  }
}
