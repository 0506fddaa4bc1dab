import { closest, distance } from 'fastest-levenshtein'

const collator = new Intl.Collator('en', { numeric: true })

/** Compares names with numbers in them by value: `dense16`, `dense64`, `dense256`. */
export function compareNaturally(a: string, b: string): number {
  // `net1` and `net01` are equal to the collator, but the order must be the same on every machine.
  return collator.compare(a, b) || Number(a > b) - Number(a < b)
}

/** `a, b and 3 more`. */
export function listSome(names: readonly string[], most = 5): string {
  const more = names.length - most
  return names.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** `1 row`, `3 rows`. */
export const countOf = (count: number, noun: string, shown = String(count)) =>
  `${shown} ${noun}${count === 1 ? '' : 's'}`

/** A longer list of names does not help. */
const MOST_NAMES = 16

/** `did you mean X?` if a known name is close, otherwise the known names. */
export function suggestName(name: string, known: readonly string[]): string {
  if (!known.length) return 'there are none'
  const near = closest(name, known)
  const steps = distance(name, near)
  // If every letter has to change, it is a different word.
  if (steps <= Math.max(2, name.length / 3) && steps < near.length) return `did you mean ${near}?`
  const rest = known.length - MOST_NAMES
  const names = rest > 1 ? [...known.slice(0, MOST_NAMES), `and ${rest} more`] : known
  return `known: ${names.join(', ')}`
}
