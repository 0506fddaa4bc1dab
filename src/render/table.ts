import stringWidth from 'fast-string-width'
import { graphemesOf, toAscii } from './format.ts'

export interface Column {
  head: string
  align: 'left' | 'right'
  cells: string[]
  /** Width to keep even where all cells are narrower. */
  minWidth?: number
  /** Width above which cells go on in the next line. */
  maxWidth?: number
}

export interface TableOptions {
  /** False leaves out the lines above and below. */
  isFramed?: boolean
}

/** Where a table gets its room from: a column of this head is left out, or left-aligned columns are wrapped. */
export type Saving = string | typeof WRAP

export const WRAP = Symbol('wrap')
/** No column is made narrower than this. */
const LEAST_WRAPPED = 8

const UNICODE = { across: '─', down: '│', top: '┌┬┐', middle: '├┼┤', bottom: '└┴┘' }
const PLAIN = { across: '-', down: '|', top: '+++', middle: '+++', bottom: '+++' }

/** A boxed table, cells padded by the columns that they take on a terminal (wide and combining signs included). */
export function renderTable(
  columns: readonly Column[],
  unicode: boolean,
  { isFramed = true }: TableOptions = {},
): string {
  const box = unicode ? UNICODE : PLAIN
  const shown = columns.map((column) => (unicode ? column : toPlain(column)))
  const widths = shown.map(widthOf)
  const rule = ([left, cross, right]: string) =>
    left + widths.map((width) => box.across.repeat(width + 2)).join(cross) + right
  const line = (cells: string[]) => {
    const padded = cells.map((cell, i) => pad(cell, widths[i] as number, shown[i]?.align))
    return `${box.down} ${padded.join(` ${box.down} `)} ${box.down}`
  }
  const lines = (cells: string[]) => {
    const wrapped = cells.map((cell, i) => wrapText(cell, widths[i] as number))
    const height = Math.max(1, ...wrapped.map(({ length }) => length))
    return Array.from({ length: height }, (_, at) => line(wrapped.map((own) => own[at] ?? '')))
  }
  const count = shown[0]?.cells.length ?? 0
  return [
    ...(isFramed ? [rule(box.top)] : []),
    ...lines(shown.map(({ head }) => head)),
    rule(box.middle),
    ...Array.from({ length: count }, (_, i) => lines(shown.map(({ cells }) => cells[i] ?? ''))).flat(),
    ...(isFramed ? [rule(box.bottom)] : []),
  ].join('\n')
}

/** The same columns made to fit: savings are taken in their order, and no more of them than the width asks for. */
export function fitColumns(
  columns: readonly Column[],
  { width, unicode }: { width: number; unicode: boolean },
  savings: readonly Saving[],
): Column[] {
  let kept = [...columns]
  const excess = () => measureTable(kept, unicode) - width
  for (const saving of savings) {
    if (excess() <= 0) break
    if (saving === WRAP) kept = wrapColumns(kept, excess(), unicode)
    else kept = kept.filter(({ head }) => head !== saving)
  }
  return kept
}

/** Takes the excess from the widest left-aligned columns, as far as they have it. */
function wrapColumns(columns: readonly Column[], excess: number, unicode: boolean): Column[] {
  const widths = columns.map((column) => widthOf(unicode ? column : toPlain(column)))
  const wrappable = columns.flatMap(({ align }, i) => (align === 'left' ? [i] : []))
  for (let left = excess; left > 0; left--) {
    const widest = wrappable.reduce((best, i) => (widths[i]! > widths[best]! ? i : best), wrappable[0]!)
    if (widest === undefined || widths[widest]! <= LEAST_WRAPPED) break
    widths[widest]!--
  }
  return columns.map((column, i) => (wrappable.includes(i) ? { ...column, maxWidth: widths[i]! } : column))
}

/** Columns of the terminal that a table of these takes. */
export function measureTable(columns: readonly Column[], unicode: boolean): number {
  const widths = columns.map((column) => widthOf(unicode ? column : toPlain(column)))
  return widths.reduce((sum, width) => sum + width + 3, 1)
}

function widthOf({ head, cells, minWidth = 0, maxWidth = Infinity }: Column): number {
  return Math.min(maxWidth, Math.max(minWidth, ...[head, ...cells].map((cell) => stringWidth(cell))))
}

/** Lines of at most so many columns, broken behind a space or a sign such as `_` and `/` where there is one. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = []
  let rest = text
  while (stringWidth(rest) > width) {
    const taken = takeLine(rest, width)
    lines.push(taken.trimEnd())
    rest = rest.slice(taken.length).trimStart()
  }
  return [...lines, rest]
}

function takeLine(text: string, width: number): string {
  let [taken, room] = ['', width]
  for (const segment of graphemesOf(text)) {
    room -= stringWidth(segment)
    // A sign that is wider than the column still has to go somewhere.
    if (room < 0 && taken) break
    taken += segment
  }
  if (text[taken.length] === ' ') return taken
  const broken = /^.*[\s_/^,.·-]/su.exec(taken)?.[0] ?? ''
  return broken.trim() && stringWidth(broken) >= width / 3 ? broken : taken
}

function toPlain({ head, cells, ...column }: Column): Column {
  return { ...column, head: toAscii(head), cells: cells.map(toAscii) }
}

function pad(text: string, width: number, align: Column['align'] | undefined): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)))
  return align === 'right' ? space + text : text + space
}
