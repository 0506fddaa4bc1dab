const collator = new Intl.Collator('en', { numeric: true })

/** Orders names as people do, numbers in them by their value: `dense16`, `dense64`, `dense256`. */
export function compareNaturally(a: string, b: string): number {
  // `net1` and `net01` are equal to the collator; one order must hold on every machine.
  return collator.compare(a, b) || Number(a > b) - Number(a < b)
}
