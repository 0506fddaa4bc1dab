import stringWidth from 'fast-string-width'
import prettyBytes from 'pretty-bytes'
import { decimalsFor, formatNumber } from '../row/metrics.ts'

const NOTHING = '—'

/** The unit of a figure; `plain` for ratios and other figures without one. */
type FigureUnit = 's' | 'MB' | 'plain'

/** A figure without its unit; a dash if there is none to show. */
export function formatFigure(value: number | null | undefined, unit: FigureUnit): string {
  if (value == null || !Number.isFinite(value)) return NOTHING
  if (Math.abs(value) >= 1e15) return value.toExponential(3)
  return unit === 'plain' ? value.toFixed(decimalsFor(value, 2)) : formatNumber(unit, value)
}

/** `44.663 ± 0.120`: a mean and, if there is one, its standard deviation with the same decimals. */
export function formatMean(figures: { mean: number; sd: number | null } | null, unit: FigureUnit): string {
  const mean = formatFigure(figures?.mean, unit)
  if (figures?.sd == null || !Number.isFinite(figures.sd) || mean === NOTHING) return mean
  const decimals = mean.split('.')[1]?.length
  return `${mean} ± ${mean.includes('e') ? figures.sd.toExponential(3) : figures.sd.toFixed(decimals)}`
}

/** `4.2 s`, `3 min 05 s`, `2 h 10 min`: a time that has passed or remains. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const [unit, small, large] = seconds < 3600 ? [60, 's', 'min'] : [3600, 'min', 'h']
  const rest = seconds < 3600 ? seconds % 60 : (seconds % 3600) / 60
  return `${Math.floor(seconds / (unit as number))} ${large} ${String(Math.floor(rest)).padStart(2, '0')} ${small}`
}

/** `4.74 MiB`. */
export function formatBytes(bytes: number): string {
  return prettyBytes(bytes, { binary: true })
}

/** `4.2 %`. */
export function formatPercent(part: number): string {
  return `${(100 * part).toFixed(part < 0.1 ? 1 : 0)} %`
}

/** A bar of up to `width` cells; at least one for any value above zero. */
export function drawBar(value: number | null | undefined, max: number, width: number): string {
  if (value == null || !(value > 0) || !Number.isFinite(value / max)) return ''
  return '█'.repeat(Math.max(1, Math.round((value / max) * width)))
}

// oxlint-disable-next-line no-control-regex -- control characters are removed
const CONTROL = /[\u0000-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]+/g

/** Text from a row made safe for a terminal: one line without control characters, of limited width. */
export function cleanText(text: string, maxLength = 160): string {
  const line = text.replaceAll(CONTROL, ' ').trim()
  return cutToWidth(line, maxLength)
}

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Splits text into graphemes: what a reader sees as one character. */
export function graphemesOf(text: string): string[] {
  return Array.from(SEGMENTER.segment(text), ({ segment }) => segment)
}

/** Cuts text to a number of columns, with an ellipsis at the end. Never splits a grapheme. */
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
  '²': '^2',
  '—': '-',
  '…': '...',
  '✗': 'x',
  '✓': '+',
  '↓': '-',
  '›': '>',
}

/** Converts text to ASCII: known characters to similar ones, all others to a question mark. */
export function toAscii(text: string): string {
  return text.replaceAll(/[^\n\u0020-\u007E]/gu, (sign) => ASCII[sign] ?? '?')
}
