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
  const letters = Math.floor((marginLeft - GAP_PX) / LETTER_PX)
  return {
    marginLeft,
    y: {
      type: 'band',
      domain: names,
      label: null,
      tickSize: 0,
      tickFormat: (name: string) => shorten(name, letters),
    },
  } as const
}

/** Keeps the start and the end of a name that is too long: names differ least in the middle. */
function shorten(name: string, letters: number): string {
  if (name.length <= letters) return name
  const kept = Math.max(2, letters - 1)
  return `${name.slice(0, Math.ceil(kept / 2))}…${name.slice(-Math.floor(kept / 2))}`
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

/** Names of points, with the prover if there are several. Duplicates are numbered, because each point is one row. */
export function nameAll(points: readonly Pick<ReportPoint, 'name' | 'prover' | 'isReported'>[]): string[] {
  const hasProvers = new Set(points.map(({ prover }) => prover)).size > 1
  const seen = new Map<string, number>()
  return points.map(({ name, prover, isReported }) => {
    const mark = isReported ? `${REPORTED} ` : ''
    const own = mark + label(name, 40) + (hasProvers && prover ? ` · ${label(prover, 20)}` : '')
    const count = (seen.get(own) ?? 0) + 1
    seen.set(own, count)
    return count > 1 ? `${own} (${count})` : own
  })
}
