/** Number of pairs i < j with values[i] > values[j], by merging: O(n log n), so a million rows stay cheap. */
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
