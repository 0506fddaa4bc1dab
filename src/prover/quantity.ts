import { DIGITS, parseNumber } from './number.ts'

/** Units of time in seconds, the longest first. */
const SECONDS: readonly (readonly [RegExp, number])[] = [
  [/^(?:d|days?)$/, 86_400],
  [/^(?:h|hrs?|hours?)$/, 3600],
  [/^(?:m|mins?|minutes?)$/, 60],
  [/^(?:s|secs?|seconds?)$/, 1],
  [/^(?:ms|msecs?|millis|milliseconds?)$/, 1e-3],
  // The micro sign and the Greek letter look alike.
  [/^(?:[u\u00B5\u03BC]s|[u\u00B5\u03BC]secs?|micros|microseconds?)$/, 1e-6],
  [/^(?:ns|nsecs?|nanos|nanoseconds?)$/, 1e-9],
]

/** Units of memory in MB of 2^20 bytes, whichever way they are written. */
const MEGABYTES: readonly (readonly [RegExp, number])[] = [
  [/^(?:b|bytes?)$/i, 2 ** -20],
  [/^(?:k|ki?b|kbytes?|kilobytes?|kibibytes?)$/i, 2 ** -10],
  [/^(?:m|mi?b|mbytes?|megabytes?|mebibytes?)$/i, 1],
  [/^(?:g|gi?b|gbytes?|gigabytes?|gibibytes?)$/i, 2 ** 10],
  [/^(?:t|ti?b|tbytes?|terabytes?|tebibytes?)$/i, 2 ** 20],
]

/**
 * A time in seconds: a bare number is one, and units may stand behind it (`834.5ms`, `12.3µs`, `0,25 s`), several in
 * falling order (`1m2.5s`, `1 h 2 min`). Undefined where any of the text is something else.
 */
export function parseSeconds(text: string): number | undefined {
  const bare = parseNumber(text)
  if (bare !== undefined) return bare
  const parts = [...text.matchAll(PART)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined
  let smallest = -1
  let seconds = 0
  for (const [, digits = '', unit = ''] of parts) {
    const at = SECONDS.findIndex(([name]) => name.test(unit))
    const value = parseNumber(digits)
    if (at <= smallest || value === undefined) return undefined
    smallest = at
    seconds += value * SECONDS[at]![1]
  }
  return seconds
}

const PART = new RegExp(String.raw`(?:\s*,?\s*)(${DIGITS}(?:[eE][-+]?\d+)?)\s*([\p{L}]+)`, 'gu')

/** A size in MB (2^20 bytes): a bare number is one, and a unit may stand behind it. Undefined for anything else. */
export function parseMegabytes(text: string): number | undefined {
  const [, digits = text, unit = 'MB'] = /^(.*?\d)\s*(\p{L}+)$/u.exec(text) ?? []
  const factor = MEGABYTES.find(([name]) => name.test(unit))?.[1]
  const value = parseNumber(digits)
  return factor === undefined || value === undefined ? undefined : value * factor
}
