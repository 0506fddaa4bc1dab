import { closest, distance } from 'fastest-levenshtein'

/** `did you mean X?` where a known name is near, or the names there are. */
export function suggestName(name: string, known: readonly string[]): string {
  if (!known.length) return 'there are none'
  const near = closest(name, known)
  return distance(name, near) <= Math.max(2, name.length / 3)
    ? `did you mean ${near}?`
    : `known: ${known.join(', ')}`
}
