import type { PhaseSummary } from '../row/phase-summary.ts'
import { drawBar, formatFigure, formatMean } from './format.ts'
import { type Column, fitColumns, measureTable, renderTable, type TableOptions } from './table.ts'
import type { CardStyle } from './terminal.ts'

const MAX_BAR = 21
const MIN_BAR = 4

/** Columns that are left out next, once the sd of memory and the bars are gone. */
const EXPENDABLE = ['best', 'peak']

/**
 * Time and memory of each phase. On a narrow terminal the sd of memory is left out first, then the bars, the best times
 * and the peaks, the sd of time, the number of iterations.
 */
export function renderPhaseTable(
  phases: readonly PhaseSummary[],
  style: CardStyle,
  options: TableOptions = {},
): string {
  const { width, unicode } = style
  for (const showMemSd of [true, false]) {
    const room = width - measureTable(layOut(phases, { showMemSd }), unicode)
    const bar = Math.min(MAX_BAR, Math.floor(room / 2))
    if (bar >= MIN_BAR) return renderTable(layOut(phases, { showMemSd, bar }), unicode, options)
  }
  const withoutBars = (columns: Column[]) => columns.filter(({ head }) => !/-bar$|^$/.test(head))
  const plain = fitColumns(withoutBars(layOut(phases, {})), style, EXPENDABLE)
  if (measureTable(plain, unicode) <= width) return renderTable(plain, unicode, options)
  const means = withoutBars(layOut(phases, { showTimeSd: false }))
  return renderTable(fitColumns(means, style, [...EXPENDABLE, 'n']), unicode, options)
}

const left = (head: string, cells: string[]): Column => ({ head, align: 'left', cells })
const right = (head: string, cells: string[]): Column => ({ head, align: 'right', cells })

interface Shown {
  showTimeSd?: boolean
  showMemSd?: boolean
  /** Cells of each bar. */
  bar?: number
}

function layOut(
  phases: readonly PhaseSummary[],
  { showTimeSd = true, showMemSd = false, bar = 0 }: Shown,
): Column[] {
  const maxTime = Math.max(...phases.map(({ time_s }) => time_s?.mean ?? 0))
  const maxMem = Math.max(...phases.map(({ mem_mb }) => mem_mb?.mean ?? 0))
  const mem = ({ mem_mb }: PhaseSummary) =>
    showMemSd ? formatMean(mem_mb, 'MB') : formatFigure(mem_mb?.mean, 'MB')
  // A head that is wider than its bars would take more room than they were given.
  const barColumn = (head: string, cells: string[]): Column => ({
    ...left(bar >= head.length ? head : '', cells),
    minWidth: bar,
  })
  return [
    left(
      'phase',
      phases.map(({ phase }) => phase),
    ),
    right(
      'n',
      phases.map(({ ok, rows }) => (ok === rows ? `${ok}` : `${ok}/${rows}`)),
    ),
    right(
      'time (s)',
      phases.map(({ time_s }) => (showTimeSd ? formatMean(time_s, 's') : formatFigure(time_s?.mean, 's'))),
    ),
    right(
      'best',
      phases.map(({ time_s }) => formatFigure(time_s?.best, 's')),
    ),
    barColumn(
      't-bar',
      phases.map(({ time_s }) => drawBar(time_s?.mean, maxTime, bar)),
    ),
    right('mem (MB)', phases.map(mem)),
    right(
      'peak',
      phases.map(({ mem_mb }) => formatFigure(mem_mb?.worst, 'MB')),
    ),
    barColumn(
      'm-bar',
      phases.map(({ mem_mb }) => drawBar(mem_mb?.mean, maxMem, bar)),
    ),
  ]
}
