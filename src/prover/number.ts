/** Spaces that group digits: no-break, thin and narrow no-break space. */
const BLANKS = '\u00A0\u2009\u202F'
/** Separators of groups of three digits, apart from the other locale's decimal mark. */
const MARKS = `_'’ ${BLANKS}`

/** A whole number, plain or in groups of three: `1234567`, `1,234,567`, `1_234`, `1'234`. */
const WHOLE = new RegExp(String.raw`^(\d+|[1-9]\d{0,2}([,${MARKS}])\d{3}(?:\2\d{3})*)$`)
/** `0.25`, `1,234.5` */
const POINT = new RegExp(String.raw`^(\d+|[1-9]\d{0,2}([,${MARKS}])\d{3}(?:\2\d{3})*)?\.(\d+)$`)
/** `0,25`, `1.234,5` */
const COMMA = new RegExp(String.raw`^(\d+|[1-9]\d{0,2}([.${MARKS}])\d{3}(?:\2\d{3})*),(\d+)$`)

/**
 * Digits and the characters that may occur between them: the longest run that could be one number, from a given
 * start.
 */
export const DIGITS = String.raw`\d+(?:[.,_'’${BLANKS}]\d+)*`

/** Whether a number starts here and is not the end of another, as in `2^20`, `46.979`, `1 234` or `abc5`. */
export const STARTS = String.raw`(?<![\p{L}\p{N}_.,:'’^*/×+\-\u2212–~≈<>]|\d[ ${BLANKS}])`

/**
 * A number as printed by programs, in any locale: `1234.5`, `1,234.5`, `1.234,5`, `0,25`, `1e-3`. A comma before
 * three digits separates thousands, as in `1,234`; before any other number of digits, or after a zero, it is the
 * decimal mark. Undefined if any of the text is something else.
 */
export function parseNumber(text: string): number | undefined {
  const [, sign, body = '', exponent] = /^([-+\u2212]?)(.+?)(?:[eE]([-+]?\d{1,3}))?$/u.exec(text.trim()) ?? []
  const [, whole = '0', , decimals = ''] = WHOLE.exec(body) ?? POINT.exec(body) ?? COMMA.exec(body) ?? []
  if (whole === '0' && decimals === '' && body !== '0') return undefined
  const value = Number(`${whole.replaceAll(/\D/g, '')}.${decimals}e${exponent ?? 0}`)
  if (!Number.isFinite(value)) return undefined
  return sign && sign !== '+' ? -value : value
}

/** A whole number without sign and exponent, exact; undefined if the text is anything else. */
export function parseCount(text: string): number | undefined {
  const value = WHOLE.test(text) ? Number(text.replaceAll(/\D/g, '')) : Number.NaN
  return Number.isSafeInteger(value) ? value : undefined
}

/** What changes the meaning of a number: `2^20`, `12K`, `5%`, `1 234`, `12 M`, `1 << 20`, `1000/2000`, `3 of 10`. */
const GOES_ON = new RegExp(
  [
    // Directly after it: letters, more digits of any script, and arithmetic signs.
    String.raw`[\p{L}\p{M}\p{N}_%‰°^*/×·⋅÷±~≈+=\-–−√]|<<|[.,:'’]+\d`,
    // After a space: a group of digits (of three, or as grouped in other countries), an operator, or a range.
    String.raw`(?<=(?<![\p{N}.,])\d{1,4})[ ${BLANKS}]+\d{2,4}(?!\d)|[^\S\r\n]+(?:[\p{No}^*/×·⋅÷±~≈+%‰]|<<|[\-–—−→=<>|:.…]+[^\S\r\n]*\d)`,
    // After a space: a word that multiplies it, or a second number.
    String.raw`[^\S\r\n]+(?:[kKmMgGtTpPeEbB]i?[bB]?|(?:hundred|thousand|million|billion|trillion|lakh|crore|percent)s?|mio|mrd|bn|mln|tsd)(?![\p{L}\p{N}])`,
    String.raw`[^\S\r\n]+(?:to|of|out of|or|x|plus|minus|times|by)[^\S\r\n]+\d`,
  ].join('|'),
  'uy',
)

/** Whether a person would agree that a number ends at an offset of a text. */
export function endsAt(text: string, offset: number): boolean {
  GOES_ON.lastIndex = offset
  return !GOES_ON.test(text)
}

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

/** Units of memory in MB of 2^20 bytes, in any spelling. */
const MEGABYTES: readonly (readonly [RegExp, number])[] = [
  [/^(?:b|bytes?)$/i, 2 ** -20],
  [/^(?:k|ki?b|kbytes?|kilobytes?|kibibytes?)$/i, 2 ** -10],
  [/^(?:m|mi?b|mbytes?|megabytes?|mebibytes?)$/i, 1],
  [/^(?:g|gi?b|gbytes?|gigabytes?|gibibytes?)$/i, 2 ** 10],
  [/^(?:t|ti?b|tbytes?|terabytes?|tebibytes?)$/i, 2 ** 20],
]

/**
 * A time in seconds. A bare number is seconds; units may follow it (`834.5ms`, `12.3µs`, `0,25 s`), several in
 * descending order (`1m2.5s`, `1 h 2 min`). Undefined if any of the text is something else.
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

/** A size in MB (2^20 bytes). A bare number is MB; a unit may follow it. Undefined for anything else. */
export function parseMegabytes(text: string): number | undefined {
  const [, digits = text, unit = 'MB'] = /^(.*?\d)\s*(\p{L}+)$/u.exec(text) ?? []
  const factor = MEGABYTES.find(([name]) => name.test(unit))?.[1]
  const value = parseNumber(digits)
  return factor === undefined || value === undefined ? undefined : value * factor
}
