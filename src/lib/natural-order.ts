const collator = new Intl.Collator('en', { numeric: true })

/** Compares names with numbers in them by value: `dense16`, `dense64`, `dense256`. */
export function compareNaturally(a: string, b: string): number {
  // `net1` and `net01` are equal to the collator, but the order must be the same on every machine.
  return collator.compare(a, b) || Number(a > b) - Number(a < b)
}
