import type * as Plot from '@observablehq/plot'
import { cleanText } from '../../render/format.ts'

/** Told apart by those who see few colours, and readable on white and on near-black. */
const PALETTE = ['#3b7dd8', '#e07b1a', '#2f9e6e', '#c2508f', '#8a63d2', '#a08b1c', '#1f9aa8', '#d0453e']
const SYMBOLS = ['circle', 'square', 'triangle', 'diamond', 'star', 'wye', 'cross', 'plus'] as const

/** A colour and a symbol for each key, in the order in which the keys come. */
export function assignStyles(
  keys: Iterable<string>,
): Map<string, { color: string; symbol: Plot.SymbolType }> {
  return new Map(
    [...new Set(keys)].map((key, i) => [
      key,
      { color: PALETTE[i % PALETTE.length]!, symbol: SYMBOLS[i % SYMBOLS.length]! },
    ]),
  )
}

/** Fills of the phases, and what is written on them: a contrast of 4.5 or more. */
export const PHASE_COLORS = { compile: '#8059c9', witness: '#e0a21a', prove: '#2f6fc9', verify: '#1f8058' }
export const PHASE_INKS = { compile: '#ffffff', witness: '#1c2027', prove: '#ffffff', verify: '#ffffff' }
export const WORSE = '#d0453e'
export const BETTER = '#2f9e6e'
export const NEUTRAL = '#8b8f98'

const MAX_LABEL = 60

/** A name out of a row, as a plot may show it. */
export function label(name: string, maxLength = MAX_LABEL): string {
  return cleanText(name, maxLength)
}
