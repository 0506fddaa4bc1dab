import { stripVTControlCharacters } from 'node:util'
import escapeStringRegexp from 'escape-string-regexp'
import { getOrAdd } from '../row/collections.ts'
import type { Counters } from '../row/schema.ts'
import { DIGITS, endsAt, parseCount, parseMegabytes, parseNumber, parseSeconds } from './number.ts'

/**
 * Counters printed as `key=value`, `key: value` or `"key":value`, whatever surrounds them: colour codes also between
 * `=` and the value, carriage returns, thousands separators, any order. The last value of a key counts. Only whole
 * numbers: one that continues in a way that is not understood (`2^20`, `12 K`, `1 234`), or that is too large to be
 * exact, is left out.
 */
export function readKeyValueCounters(output: string, names: readonly string[]): Counters {
  if (names.length === 0) return {}
  const text = plainText(output)
  const found = new Map<string, Printed[]>()
  for (const match of text.matchAll(keyAndValue(names))) {
    const { key = '', between = '', before = '', digits = '' } = match.groups!
    const end = match.index + match[0].length
    const isWhole = before === '' && endsAt(text, end) && (!/[\r\n]/.test(between) || endsLine(text, end))
    const value = isWhole ? parseCount(digits) : undefined
    const qualifier = readQualifier(text, match.index, between)
    if (qualifier === undefined) continue
    getOrAdd(
      found,
      names.find((name) => isWritten(name, key))!,
      () => [],
    ).push({ value, qualifier })
  }
  return Object.fromEntries(
    [...found].flatMap(([name, all]) => {
      const value = chooseOwn(all)?.value
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

interface Printed {
  /** Undefined if it is not understood. */
  value: number | undefined
  /** The word before the key, as in `linear constraints`; empty if the key starts there. */
  qualifier: string
}

/**
 * The last print of the counter itself. With another word before it, it is a different counter: `linear constraints`
 * is not `constraints`. A constant prefix, such as a logger's, does not distinguish counters.
 */
function chooseOwn(all: readonly Printed[]): Printed | undefined {
  const bare = all.filter(({ qualifier }) => qualifier === '')
  if (bare.length) return bare.at(-1)
  return new Set(all.map(({ qualifier }) => qualifier)).size === 1 ? all.at(-1) : undefined
}

/**
 * The word before a key that may contain spaces. In `a b=1` the key is `b`, and a logger's level is not part of it.
 * Undefined if quotes show that the key starts earlier.
 */
function readQualifier(text: string, index: number, between: string): string | undefined {
  const before = text.slice(Math.max(0, index - MOST_BEFORE), index)
  if (/^\\?["']/.test(between)) return /["']$/.test(before) ? '' : undefined
  if (between.startsWith('=')) return ''
  const word = /(?<![\p{L}\p{N}_.-])(\p{L}[\p{L}\p{N}_-]*)[^\S\r\n]+$/u.exec(before)?.[1]
  return word === undefined || /^\p{Lu}{3,}$/u.test(word) ? '' : word
}

const MOST_BEFORE = 80

function endsLine(text: string, offset: number): boolean {
  LINE_END.lastIndex = offset
  return LINE_END.test(text)
}

const LINE_END = /[^\S\r\n]*[,;}\]"']*[^\S\r\n]*(?:$|[\r\n])/y

/** As it appears in an output: a space in a name may be several. */
export function patternOfName(name: string): string {
  return name
    .split(/\s+/)
    .map((word) => escapeStringRegexp(word))
    .join(String.raw`[^\S\r\n]+`)
}

const isWritten = (name: string, key: string) => name.split(/\s+/).join(' ') === key.split(/\s+/).join(' ')

/**
 * Keys that contain another one come first. No letters may directly precede a key. Quotes may be escaped, as in nested
 * JSON.
 */
function keyAndValue(names: readonly string[]): RegExp {
  const keys = names.toSorted((a, b) => b.length - a.length).map(patternOfName)
  const quote = String.raw`(?:\\?["'])?`
  return new RegExp(
    String.raw`(?<![\p{L}\p{N}_.]|[\p{L}\p{N}_][-\u2010\u2011])(?<key>${keys.join('|')})(?<between>${quote}\s*[=:]\s*${quote})(?<before>(?:[-+\u2212~≈<>≤≥±.$#]+=?[^\S\r\n]*)?)(?<digits>${DIGITS})`,
    'gu',
  )
}

/**
 * The last number in a pattern's first group; undefined if the output has none, NaN if what it has is not understood.
 * Row readers drop NaN with a warning.
 */
export function readLastNumber(output: string, pattern: RegExp): number | undefined {
  return readLast(output, pattern, (figure) => parseNumber(figure.replace(UNIT, '')))
}

/** Letters directly after a number, unless they are a factor or an exponent. */
const UNIT = /(?<=\d)(?![kKMGTP]i?$|[eE])\p{L}+$/u

/** Like `readLastNumber`, for a time in seconds, or with its unit (`834.5ms`, `1m2.5s`). */
export function readLastSeconds(output: string, pattern: RegExp): number | undefined {
  return readLast(output, pattern, parseSeconds)
}

/** Like `readLastNumber`, for a size in MB (2^20 bytes), or with its unit (`1.5 GB`). */
export function readLastMegabytes(output: string, pattern: RegExp): number | undefined {
  return readLast(output, pattern, parseMegabytes)
}

function readLast(
  output: string,
  pattern: RegExp,
  parse: (figure: string) => number | undefined,
): number | undefined {
  const text = plainText(output)
  const captured = [...captureAll(text, pattern)].at(-1)?.all[1]
  if (!captured?.text) return undefined
  const { figure, end } = captured
  if (end === undefined) return parse(figure) ?? Number.NaN
  // If the pattern ends at the number, a unit may follow it.
  const unit = /^[^\S\r\n]+\p{L}+(?![\p{L}\p{N}_])/u.exec(text.slice(end, end + MOST_BEFORE))?.[0]
  const value = unit && parse(`${figure}${unit}`)
  if (value !== undefined && value !== '') return value
  const isAll = !/\d$/.test(figure) || endsAt(text, end)
  return (isAll ? parse(figure) : undefined) ?? Number.NaN
}

/** Output as plain text: without colours, cursor movements and other control sequences. */
export function plainText(output: string): string {
  return stripVTControlCharacters(output)
}

/** The lines of an output as plain text, each state of a progress bar being one. */
export function plainLines(output: string): string[] {
  return plainText(output).split(/\r?\n|\r/)
}

/** The object that a line of JSON contains; undefined for any other line. */
export function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}

/** The property if there is a value, nothing otherwise: `{ ...where('timeS', readLastNumber(…)) }`. */
export function where<Key extends string>(key: Key, value: number | undefined): { [K in Key]?: number } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: number }
}

/** The text captured by a group, with the rest of the figure that contains it. */
export interface Captured {
  text: string
  /** The whole figure. A pattern made for `0.25` matches the 25 of `0,25`, and `(\d+)` matches the 2 of `2^20`. */
  figure: string
  /** End of the figure in the output; undefined if the pattern itself determines what follows it. */
  end: number | undefined
}

/** The groups of one match of a pattern: by number, 0 being the whole match, and by name. */
export interface CapturedGroups {
  all: (Captured | undefined)[]
  named: Record<string, Captured | undefined> | undefined
}

export function* captureAll(output: string, pattern: RegExp): Generator<CapturedGroups> {
  const flags = [...new Set(`${pattern.flags}gd`)].join('')
  for (const match of output.matchAll(new RegExp(pattern.source, flags))) {
    const take = (span: [number, number] | undefined) =>
      span && capture(output, span, match.index + match[0].length)
    const { groups } = match.indices!
    yield {
      all: match.indices!.map(take),
      named: groups && Object.fromEntries(Object.entries(groups).map(([name, span]) => [name, take(span)])),
    }
  }
}

function capture(output: string, [start, end]: [number, number], matchEnd: number): Captured {
  const text = output.slice(start, end)
  const before = startsWithDigit(text)
    ? digitsBefore(output.slice(Math.max(0, start - MOST_DIGITS), start), text)
    : ''
  if (matchEnd > end) return { text, figure: `${before}${text}`.trim(), end: undefined }
  WORD.lastIndex = end
  const after = WORD.exec(output)![0]
  return { text, figure: `${before}${text}${after}`.trim(), end: end + after.length }
}

const MOST_DIGITS = 64
const startsWithDigit = (text: string) => /^[\d.,]/.test(text)
/** Everything that directly follows, except punctuation without a digit after it. */
const WORD = /(?:[^\s.,:;'"’()[\]{}<>|=&!?\\]|[.,:'’](?=\d))*/uy

/** The digits, separators and sign of the figure that precede the captured text. */
function digitsBefore(before: string, text: string): string {
  // Is it a group of `1 234`, or a separate number?
  if (/\d $/.test(before) && /^\d{3}(?!\d)/.test(text)) return before
  return /(?:(?<![\p{L}\p{N}_])[-\u2212])?(?:\d[\d.,_'’\u00A0\u2009\u202F]*)?$/u.exec(before)![0]
}
