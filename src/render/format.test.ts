import { expect, test } from 'vitest'
import { cleanText, drawBar, formatBytes, formatFigure, formatMean, toAscii } from './format.ts'
import { formatCount } from '../row/metrics.ts'

test('figures keep three digits, however short the time', () => {
  expect([44.6632, 0.5921, 0.0119, 0.000123456, 0].map((value) => formatFigure(value, 's'))).toEqual([
    '44.663',
    '0.592',
    '0.0119',
    '0.000123',
    '0.000',
  ])
  expect(
    [null, undefined, Number.NaN, Number.POSITIVE_INFINITY].map((value) => formatFigure(value, 's')),
  ).toEqual(Array.from({ length: 4 }, () => '—'))
  expect(formatMean({ mean: 0.0119, sd: 0.0005 }, 's')).toBe('0.0119 ± 0.0005')
  expect(formatMean({ mean: 2, sd: null }, 's')).toBe('2.000')
})

test('counts have thousands separators, bytes binary units', () => {
  expect(formatCount(23521323)).toBe('23,521,323')
  expect(formatBytes(4974057)).toBe('4.74 MiB')
  expect(formatBytes(192)).toBe('192 B')
})

test('a bar is never longer than its room, and never nothing for something', () => {
  expect(drawBar(0.592, 44.663, 20)).toBe('█')
  expect(drawBar(863.27, 4031.34, 21)).toBe('████')
  expect(drawBar(4, 4, 5)).toBe('█████')
  expect([drawBar(0, 0, 5), drawBar(null, 5, 5), drawBar(0, 4, 5)]).toEqual(['', '', ''])
})

test('text is one line of bounded length; ASCII marks what it cannot show', () => {
  expect(cleanText(' a\n\tb\u001B[31mc ')).toBe('a b [31mc')
  expect(cleanText('x'.repeat(200), 10)).toBe('xxxxxxxxx…')
  expect(toAscii('± 5 · R² é 🙂')).toBe('+/- 5 | R^2 ? ?')
})
