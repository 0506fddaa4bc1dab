/**
 * Holm's step-down correction: p values adjusted so that calling those under alpha significant errs on any of
 * them with probability alpha at most. In the order given.
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
