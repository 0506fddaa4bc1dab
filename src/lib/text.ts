import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { closest, distance } from 'fastest-levenshtein'

/** Decodes text as an editor or a shell wrote it: UTF-8, or UTF-16 with a byte order mark, which is removed. */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return new TextDecoder().decode(bytes)
}

/** Text of a file; empty if it cannot be read. */
export function readTextIfThere(path: string): string {
  try {
    return decodeText(readFileSync(path))
  } catch {
    return ''
  }
}

/** What moves the cursor, reorders text or has no width: control and format characters, and lone surrogates. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
const INVISIBLE_IN_LINES = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** A name from a file or a prover, safe to print on one line: it cannot break the line or control the terminal. */
export function printableName(name: string | undefined): string {
  return (name ?? '').replaceAll(INVISIBLE, '\uFFFD')
}

/** Removes what controls a terminal or reorders text; keeps line breaks. */
export function dropControls(text: string): string {
  return stripVTControlCharacters(text).replaceAll(INVISIBLE_IN_LINES, '\uFFFD')
}

const collator = new Intl.Collator('en', { numeric: true })

/** Compares names with numbers in them by value: `dense16`, `dense64`, `dense256`. */
export function compareNaturally(a: string, b: string): number {
  // `net1` and `net01` are equal to the collator, but the order must be the same on every machine.
  return collator.compare(a, b) || Number(a > b) - Number(a < b)
}

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
