import type { PhaseSummary } from '../row/summary.ts'
import { drawBar, formatFigure, formatMean } from './format.ts'
import { type Column, columnsOf, fitColumns, measureTable, renderTable, type TableOptions } from './table.ts'
import type { CardStyle } from './terminal.ts'

const MAX_BAR = 21
const MIN_BAR = 4

/** Columns to drop next, after the sd of memory and the bars. */
const EXPENDABLE = ['best', 'peak']

/**
 * Time and memory of each phase. A narrow terminal drops columns in this order: CPU time, sd of memory, bars, best times and
 * peaks, sd of time, number of iterations.
 */
export function renderPhaseTable(
  phases: readonly PhaseSummary[],
  style: CardStyle,
  options: TableOptions = {},
): string {
  const { width, unicode } = style
  for (const shown of WIDE) {
    const room = width - measureTable(layOut(phases, shown), unicode)
    const bar = Math.min(MAX_BAR, Math.floor(room / 2))
    if (bar >= MIN_BAR) return renderTable(layOut(phases, { ...shown, bar }), unicode, options)
  }
  const withoutBars = (columns: Column[]) => columns.filter(({ head }) => !/-bar$|^$/.test(head))
  const plain = fitColumns(withoutBars(layOut(phases, {})), style, EXPENDABLE)
  if (measureTable(plain, unicode) <= width) return renderTable(plain, unicode, options)
  const means = withoutBars(layOut(phases, { showTimeSd: false }))
  return renderTable(fitColumns(means, style, [...EXPENDABLE, 'n']), unicode, options)
}

const WIDE = [{ showMemSd: true, showCpu: true }, { showMemSd: true }, {}]

interface Shown {
  showCpu?: boolean
  showTimeSd?: boolean
  showMemSd?: boolean
  /** Width of each bar in cells. */
  bar?: number
}

function layOut(
  phases: readonly PhaseSummary[],
  { showTimeSd = true, showMemSd = false, showCpu = false, bar = 0 }: Shown,
): Column[] {
  const maxTime = Math.max(...phases.map(({ time_s }) => time_s?.mean ?? 0))
  const maxMem = Math.max(...phases.map(({ mem_mb }) => mem_mb?.mean ?? 0))
  const column = columnsOf(phases)
  // A header wider than its bars would exceed the space for them.
  const bars = (head: string, read: (phase: PhaseSummary) => string): Column => ({
    ...column('left', bar >= head.length ? head : '', read),
    minWidth: bar,
  })
  return [
    column('left', 'phase', ({ phase }) => phase),
    column('right', 'n', ({ ok, rows }) => (ok === rows ? `${ok}` : `${ok}/${rows}`)),
    column('right', 'time (s)', ({ time_s }) =>
      showTimeSd ? formatMean(time_s, 's') : formatFigure(time_s?.mean, 's'),
    ),
    column('right', 'best', ({ time_s }) => formatFigure(time_s?.best, 's')),
    bars('t-bar', ({ time_s }) => drawBar(time_s?.mean, maxTime, bar)),
    ...(showCpu && phases.some(({ cpu_s }) => cpu_s)
      ? [column('right', 'CPU (s)', ({ cpu_s }) => formatFigure(cpu_s?.mean, 's'))]
      : []),
    column('right', 'mem (MB)', ({ mem_mb }) =>
      showMemSd ? formatMean(mem_mb, 'MB') : formatFigure(mem_mb?.mean, 'MB'),
    ),
    column('right', 'peak', ({ mem_mb }) => formatFigure(mem_mb?.worst, 'MB')),
    bars('m-bar', ({ mem_mb }) => drawBar(mem_mb?.mean, maxMem, bar)),
  ]
}
