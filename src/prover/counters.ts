import { stripVTControlCharacters } from 'node:util'
import type { Counters } from '../row/schema.ts'

/**
 * Counters printed as `key=value`, `key: value` or `"key":value`, whatever stands around them: colour codes also
 * between `=` and the value, carriage returns, thousands separators, another order. The last value of a key counts.
 * Whole numbers only; a number too large to be held exactly is left out.
 */
export function readKeyValueCounters(output: string, names: readonly string[]): Counters {
  const wanted = new Set(names)
  const counters: Counters = {}
  for (const [, key = '', digits = ''] of plainText(output).matchAll(KEY_AND_VALUE)) {
    const value = Number(digits.replaceAll(SEPARATOR, ''))
    if (wanted.has(key) && Number.isSafeInteger(value)) counters[key] = value
  }
  return counters
}

const SEPARATOR = /[,_'\u00A0\u202F]/g
// No word may run into the key, none and no decimals may follow the value. Quotes may be escaped, as in nested JSON.
const KEY_AND_VALUE =
  /(?<![\w.])([A-Za-z]\w*)(?:\\?")?\s*[=:]\s*(?:\\?")?(\d{1,3}(?:[,_'\u00A0\u202F]\d{3})+(?!\d)|\d+)(?!\w|\.\d)/g

/** The last number that a pattern's first group holds; undefined where the output has none. */
export function readLastNumber(output: string, pattern: RegExp): number | undefined {
  const everywhere = new RegExp(pattern, pattern.flags.includes('g') ? pattern.flags : `${pattern.flags}g`)
  const found = [...plainText(output).matchAll(everywhere)].at(-1)?.[1]
  const value = Number(found?.replaceAll(/[,_]/g, ''))
  return found && Number.isFinite(value) ? value : undefined
}

/** Output as text alone: without colours, cursor movements and other control sequences. */
export function plainText(output: string): string {
  return stripVTControlCharacters(output)
}

/** The property where there is a value, nothing otherwise: `{ ...where('timeS', readLastNumber(…)) }`. */
export function where<Key extends string>(key: Key, value: number | undefined): { [K in Key]?: number } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: number }
}
