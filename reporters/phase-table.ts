import type { PhaseSummary } from '../src/row/phase-summary.ts'
import { drawBar, formatFigure, formatMean } from './format.ts'
import { type Column, measureTable, renderTable } from './table.ts'
import type { CardStyle } from './terminal.ts'

const MAX_BAR = 21
const MIN_BAR = 4

/** Time and memory of each phase; where the terminal is too narrow first the sd of memory goes, then the bars. */
export function renderPhaseTable(phases: readonly PhaseSummary[], { width, unicode }: CardStyle): string {
  for (const showMemSd of [true, false]) {
    const room = width - measureTable(layOut(phases, showMemSd, 0), unicode)
    const bar = Math.min(MAX_BAR, Math.floor(room / 2))
    if (bar >= MIN_BAR) return renderTable(layOut(phases, showMemSd, bar), unicode)
  }
  const plain = layOut(phases, false, 0).filter(({ head }) => !head.endsWith('-bar'))
  return renderTable(plain, unicode)
}

const left = (head: string, cells: string[]): Column => ({ head, align: 'left', cells })
const right = (head: string, cells: string[]): Column => ({ head, align: 'right', cells })

function layOut(phases: readonly PhaseSummary[], showMemSd: boolean, bar: number): Column[] {
  const maxTime = Math.max(...phases.map(({ time_s }) => time_s?.mean ?? 0))
  const maxMem = Math.max(...phases.map(({ mem_mb }) => mem_mb?.mean ?? 0))
  const mem = ({ mem_mb }: PhaseSummary) =>
    showMemSd ? formatMean(mem_mb, 1) : formatFigure(mem_mb?.mean, 1)
  // The heads of the bars shrink with them, so that no bar takes more room than it was given.
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
      phases.map(({ time_s }) => formatMean(time_s, 3)),
    ),
    right(
      'best',
      phases.map(({ time_s }) => formatFigure(time_s?.best, 3)),
    ),
    barColumn(
      't-bar',
      phases.map(({ time_s }) => drawBar(time_s?.mean, maxTime, bar)),
    ),
    right('mem (MB)', phases.map(mem)),
    right(
      'peak',
      phases.map(({ mem_mb }) => formatFigure(mem_mb?.worst, 1)),
    ),
    barColumn(
      'm-bar',
      phases.map(({ mem_mb }) => drawBar(mem_mb?.mean, maxMem, bar)),
    ),
  ]
}
