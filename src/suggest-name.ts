import { closest, distance } from 'fastest-levenshtein'

/** More names than a line holds are of no help. */
const MOST_NAMES = 16

/** `did you mean X?` where a known name is near, or the names there are. */
export function suggestName(name: string, known: readonly string[]): string {
  if (!known.length) return 'there are none'
  const near = closest(name, known)
  const steps = distance(name, near)
  // A word of which no letter is left is another word.
  if (steps <= Math.max(2, name.length / 3) && steps < near.length) return `did you mean ${near}?`
  const rest = known.length - MOST_NAMES
  const names = rest > 1 ? [...known.slice(0, MOST_NAMES), `and ${rest} more`] : known
  return `known: ${names.join(', ')}`
}
