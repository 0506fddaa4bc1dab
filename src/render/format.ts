import stringWidth from 'fast-string-width'
import prettyBytes from 'pretty-bytes'
import { decimalsFor } from '../row/metrics.ts'

const NOTHING = '—'

/** A figure with at least so many decimals; a dash where there is none that can be shown. */
export function formatFigure(value: number | null | undefined, least: number): string {
  if (value == null || !Number.isFinite(value)) return NOTHING
  return Math.abs(value) >= 1e15 ? value.toExponential(3) : value.toFixed(decimalsFor(value, least))
}

/** `44.663 ± 0.120`: a mean and, where there is one, its standard deviation to the same decimals. */
export function formatMean(figures: { mean: number; sd: number | null } | null, least: number): string {
  const mean = formatFigure(figures?.mean, least)
  if (figures?.sd == null || !Number.isFinite(figures.sd) || mean === NOTHING) return mean
  return `${mean} ± ${Math.abs(figures.mean) >= 1e15 ? figures.sd.toExponential(3) : figures.sd.toFixed(decimalsFor(figures.mean, least))}`
}

/** `4.74 MiB`. */
export function formatBytes(bytes: number): string {
  return prettyBytes(bytes, { binary: true })
}

/** `4.2 %`. */
export function formatPercent(part: number): string {
  return `${(100 * part).toFixed(part < 0.1 ? 1 : 0)} %`
}

/** A bar of up to `width` cells; whatever is more than nothing shows at least one. */
export function drawBar(value: number | null | undefined, max: number, width: number): string {
  if (value == null || !(value > 0) || !Number.isFinite(value / max)) return ''
  return '█'.repeat(Math.max(1, Math.round((value / max) * width)))
}

// oxlint-disable-next-line no-control-regex -- control characters are what has to go
const CONTROL = /[\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]+/g

/** Text out of a row, fit for a terminal: one line, without control characters, of bounded width. */
export function cleanText(text: string, maxLength = 160): string {
  const line = text.replaceAll(CONTROL, ' ').trim()
  return cutToWidth(line, maxLength)
}

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** What a reader takes for one sign each, however many code points it has. */
export function graphemesOf(text: string): string[] {
  return Array.from(SEGMENTER.segment(text), ({ segment }) => segment)
}

/** Text of at most so many columns: what is longer ends in an ellipsis, and no sign is cut in two. */
export function cutToWidth(text: string, width: number, ellipsis = '…'): string {
  if (stringWidth(text) <= width) return text
  let taken = ''
  let room = width - stringWidth(ellipsis)
  for (const segment of graphemesOf(text)) {
    room -= stringWidth(segment)
    if (room < 0) break
    taken += segment
  }
  return taken + ellipsis
}

const ASCII: Record<string, string> = {
  '±': '+/-',
  '·': '|',
  '█': '#',
  '×': 'x',
  '—': '-',
  '…': '...',
  '✗': 'x',
  '✓': '+',
  '↓': '-',
  '›': '>',
}

/** The same text in ASCII: known signs by their likes, all others by a question mark. */
export function toAscii(text: string): string {
  return text.replaceAll(/[^\n\u0020-\u007E]/gu, (sign) => ASCII[sign] ?? '?')
}
