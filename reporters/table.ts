import stringWidth from 'fast-string-width'
import { toAscii } from './format.ts'

export interface Column {
  head: string
  align: 'left' | 'right'
  cells: string[]
  /** Width to keep even where all cells are narrower. */
  minWidth?: number
}

const UNICODE = { across: '─', down: '│', top: '┌┬┐', middle: '├┼┤', bottom: '└┴┘' }
const PLAIN = { across: '-', down: '|', top: '+++', middle: '+++', bottom: '+++' }

/** A boxed table, cells padded by the columns that they take on a terminal (wide and combining signs included). */
export function renderTable(columns: readonly Column[], unicode: boolean): string {
  const box = unicode ? UNICODE : PLAIN
  const shown = columns.map((column) => (unicode ? column : toPlain(column)))
  const widths = shown.map(({ head, cells, minWidth = 0 }) =>
    Math.max(minWidth, ...[head, ...cells].map((cell) => stringWidth(cell))),
  )
  const rule = ([left, cross, right]: string) =>
    left + widths.map((width) => box.across.repeat(width + 2)).join(cross) + right
  const line = (cells: string[]) => {
    const padded = cells.map((cell, i) => pad(cell, widths[i] as number, shown[i]?.align))
    return `${box.down} ${padded.join(` ${box.down} `)} ${box.down}`
  }
  const count = shown[0]?.cells.length ?? 0
  return [
    rule(box.top),
    line(shown.map(({ head }) => head)),
    rule(box.middle),
    ...Array.from({ length: count }, (_, i) => line(shown.map(({ cells }) => cells[i] ?? ''))),
    rule(box.bottom),
  ].join('\n')
}

/** Columns of the terminal that a table of these takes. */
export function measureTable(columns: readonly Column[], unicode: boolean): number {
  return stringWidth(renderTable(columns, unicode).split('\n')[0] ?? '')
}

function toPlain({ head, cells, ...column }: Column): Column {
  return { ...column, head: toAscii(head), cells: cells.map(toAscii) }
}

function pad(text: string, width: number, align: Column['align'] | undefined): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)))
  return align === 'right' ? space + text : text + space
}
