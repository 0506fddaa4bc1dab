import type * as Plot from '@observablehq/plot'

/** Upper estimate of a letter's width at the font size of a plot: nothing can be measured where a file is drawn. */
const LETTER_PX = 6.2
const TEXT_AT_PX = 14

export interface LegendEntry {
  color: string
  symbol: Plot.SymbolType
  /** A hollow symbol: the baseline's. */
  hollow?: boolean
  text: string
  /** What else is to be said; it takes a line of its own where it does not fit beside the text. */
  more?: string
}

export interface LegendLine {
  /** The sign that stands before the text, on the first line of an entry. */
  sign?: Omit<LegendEntry, 'text' | 'more'>
  text: string
}

/** The entries as lines that fit into a plot's width. */
export function breakLegend(entries: readonly LegendEntry[], width: number): LegendLine[] {
  const letters = Math.floor((width - TEXT_AT_PX) / LETTER_PX)
  return entries.flatMap(({ text, more, ...sign }): LegendLine[] => {
    if (!more) return [{ sign, text }]
    const whole = `${text}  ${more}`
    return whole.length <= letters ? [{ sign, text: whole }] : [{ sign, text }, { text: more }]
  })
}
