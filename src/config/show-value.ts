import { inspect } from 'node:util'

/** Longest piece of what a user gave that an error repeats. */
const MOST_CHARACTERS = 200

/** A value as a person reads it in an error, whatever it is: JSON where it has some, cut where it is long. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  return cutText(
    toJson(value) ?? inspect(value, { depth: 2, maxArrayLength: 20, maxStringLength: MOST_CHARACTERS }),
  )
}

export function cutText(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text
}

function toJson(value: unknown): string | undefined {
  // JSON writes null for them.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  try {
    return JSON.stringify(value)
  } catch {
    // A cycle, a BigInt, or deeper than the stack.
    return undefined
  }
}
