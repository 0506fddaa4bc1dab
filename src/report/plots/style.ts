import type * as Plot from '@observablehq/plot'
import { cleanText } from '../../render/format.ts'
import type { ReportPoint } from '../data.ts'

/** Upper estimate of a letter's width at a plot's font size. */
export const LETTER_PX = 6.6
const GAP_PX = 14
/** Maximum share of a plot's width for names. */
const MAX_PART = 0.45

/** The left margin for names with one per line, and scale options that keep them within it. */
export function nameRows(names: readonly string[], width: number) {
  const longest = Math.max(...names.map(({ length }) => length))
  const marginLeft = Math.min(longest * LETTER_PX + GAP_PX, width * MAX_PART)
  const shorten = shortenApart(names, Math.floor((marginLeft - GAP_PX) / LETTER_PX))
  return {
    marginLeft,
    y: {
      type: 'band',
      domain: names,
      label: null,
      tickSize: 0,
      tickFormat: shorten,
    },
  } as const
}

/**
 * Shortens names that have too many letters, all in the same place: near the middle if that keeps them apart, or else
 * where it keeps most of them apart.
 */
export function shortenApart(names: readonly string[], letters: number): (name: string) => string {
  const kept = Math.max(2, letters - 1)
  const heads = Array.from({ length: kept - 1 }, (_, i) => i + 1).toSorted(
    (a, b) => Math.abs(2 * a - kept) - Math.abs(2 * b - kept),
  )
  const longest = Math.max(0, ...names.map(({ length }) => length))
  const middles = Array.from({ length: Math.max(0, longest - kept) }, (_, i) => i + 1)
  const ways = [
    ...heads.map((head) => (name: string) => `${name.slice(0, head)}…${name.slice(head - kept)}`),
    // The first letter may be the mark of a published figure.
    ...middles.map((from) => (name: string) => `${name[0]}…${name.slice(from, from + kept - 2)}…`),
  ].map((cut) => (name: string) => (name.length <= letters ? name : cut(name)))
  const distinct = ways.map((way) => new Set(names.map(way)).size)
  return ways[distinct.indexOf(Math.max(...distinct))]!
}

/** Distinguishable with colour blindness, and readable on white and on near-black. */
const PALETTE = ['#3b7dd8', '#e07b1a', '#2f9e6e', '#c2508f', '#8a63d2', '#a08b1c', '#1f9aa8', '#d0453e']
const SYMBOLS = ['circle', 'square', 'triangle', 'diamond', 'star', 'wye', 'cross', 'plus'] as const

/** Assigns a colour and a symbol to each key, in the order of the keys. */
export function assignStyles(
  keys: Iterable<string>,
): Map<string, { color: string; symbol: Plot.SymbolType }> {
  return new Map(
    [...new Set(keys)].map((key, i) => [
      key,
      {
        color: PALETTE[i % PALETTE.length]!,
        // From the ninth key on, a colour comes with another symbol.
        symbol: SYMBOLS[(i + Math.floor(i / PALETTE.length)) % SYMBOLS.length]!,
      },
    ]),
  )
}

/** Fills of the phases and their text colours, with a contrast of at least 4.5. */
export const PHASE_COLORS = { compile: '#8059c9', witness: '#e0a21a', prove: '#2f6fc9', verify: '#1f8058' }
export const PHASE_INKS = { compile: '#ffffff', witness: '#1c2027', prove: '#ffffff', verify: '#ffffff' }
export const WORSE = '#d0453e'
export const BETTER = '#2f9e6e'
export const NEUTRAL = '#8b8f98'

const MAX_LABEL = 60

/** A name from a row, shortened for a plot. */
export function label(name: string, maxLength = MAX_LABEL): string {
  return cleanText(name, maxLength)
}

/** Stands before the names of published figures, where it survives the shortening of a name. */
const REPORTED = '†'
export const REPORTED_NOTE = `${REPORTED} published by others, not measured here`

/** Names of points, with the prover if there are several. Each point is one row, so duplicates are numbered. */
export function nameAll(points: readonly Pick<ReportPoint, 'name' | 'prover' | 'isReported'>[]): string[] {
  const hasProvers = new Set(points.map(({ prover }) => prover)).size > 1
  return numberDuplicates(
    points.map(({ name, prover, isReported }) => {
      const mark = isReported ? `${REPORTED} ` : ''
      return mark + label(name) + (hasProvers && prover ? ` · ${label(prover, 20)}` : '')
    }),
  )
}

/** `a`, `a (2)`. */
export function numberDuplicates(names: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return count > 1 ? `${name} (${count})` : name
  })
}

/** `Time of prove (the first 60 of 200 points)`: the title of a plot that does not show all. */
export function titleOfPart(title: string, shown: number, all: number, what: string): string {
  return shown < all ? `${title} (the first ${shown} of ${all} ${what})` : title
}
