import stringWidth from 'fast-string-width'
import { graphemesOf, toAscii } from './format.ts'
import { createPaint, type CardStyle } from './terminal.ts'

export interface Column {
  head: string
  align: 'left' | 'right'
  cells: string[]
  /** Minimum width, even if all cells are narrower. */
  minWidth?: number
  /** Cells wider than this wrap. */
  maxWidth?: number
}

/** Builds the columns of one table, with one cell per item. */
export const columnsOf =
  <Item>(items: readonly Item[]) =>
  (align: Column['align'], head: string, read: (item: Item) => string): Column => ({
    head,
    align,
    cells: items.map(read),
  })

export interface TableOptions {
  /** False omits the top and bottom lines. */
  isFramed?: boolean
}

/** How to make a table narrower: drop the column with this header, or wrap left-aligned columns. */
export type Saving = string | typeof WRAP

export const WRAP = Symbol('wrap')
/** Minimum width of a wrapped column. */
const MIN_WRAPPED = 8

const UNICODE = { across: '─', down: '│', top: '┌┬┐', middle: '├┼┤', bottom: '└┴┘' }
const PLAIN = { across: '-', down: '|', top: '+++', middle: '+++', bottom: '+++' }

/** A boxed table. Cells are padded by display width, since characters may be wide or combining. */
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

/** Makes columns fit a width by applying savings in order, no more than needed. */
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

/** Takes the excess width from the widest left-aligned columns, as far as possible. */
function wrapColumns(columns: readonly Column[], excess: number, unicode: boolean): Column[] {
  const widths = columns.map((column) => widthOf(unicode ? column : toPlain(column)))
  const wrappable = columns.flatMap(({ align }, i) => (align === 'left' ? [i] : []))
  for (let left = excess; left > 0; left--) {
    const widest = wrappable.reduce((best, i) => (widths[i]! > widths[best]! ? i : best), wrappable[0]!)
    if (widest === undefined || widths[widest]! <= MIN_WRAPPED) break
    widths[widest]!--
  }
  return columns.map((column, i) => (wrappable.includes(i) ? { ...column, maxWidth: widths[i]! } : column))
}

/** Display width of a table with these columns. */
export function measureTable(columns: readonly Column[], unicode: boolean): number {
  const widths = columns.map((column) => widthOf(unicode ? column : toPlain(column)))
  return widths.reduce((sum, width) => sum + width + 3, 1)
}

function widthOf({ head, cells, minWidth = 0, maxWidth = Infinity }: Column): number {
  return Math.min(maxWidth, Math.max(minWidth, ...[head, ...cells].map((cell) => stringWidth(cell))))
}

/** Breaks text into lines of at most `width` columns: after a space if possible, or a character such as `_` and `/`. */
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

/** Paints lines; what a terminal would break is broken between words, and goes on indented. */
export function createLinePaint(style: CardStyle) {
  const paint = createPaint(style)
  const { columns = Infinity, unicode } = style
  return (format: Parameters<typeof paint>[0], ...lines: readonly string[]): string[] =>
    lines
      .flatMap((line) =>
        wrapText(unicode ? line : toAscii(line), Math.max(1, columns - 2))
          .join('\n  ')
          .split('\n'),
      )
      .map((line) => paint(format, line))
}

/** Width of a label in columns. */
const INDENT = 10

/** `label     a · b · c`, on as many lines as needed. */
export function wrapItems(label: string, items: readonly string[], width: number): string[] {
  const indent = label ? INDENT : 0
  const room = Math.max(20, width - indent)
  const lines: string[] = []
  for (const item of items) {
    const last = lines.at(-1)
    if (last !== undefined && stringWidth(last) + 3 + stringWidth(item) <= room) {
      lines[lines.length - 1] = `${last} · ${item}`
    } else {
      lines.push(...wrapText(item, room))
    }
  }
  return lines.map((line, i) => (i === 0 ? label : '').padEnd(indent) + line)
}

function takeLine(text: string, width: number): string {
  let [taken, room] = ['', width]
  for (const segment of graphemesOf(text)) {
    room -= stringWidth(segment)
    // A character wider than the column still has to go somewhere.
    if (room < 0 && taken) break
    taken += segment
  }
  // A percent sign stays with its number.
  if (/^ (?!%)/.test(text.slice(taken.length))) return taken
  const seen = text.slice(0, taken.length + 1)
  const broken = [/^.*\s(?=[^%\s])/su, /^.*[_/^,.·-](?=.)/su].map((border) => border.exec(seen)?.[0] ?? '')
  return broken.find((own) => own.trim() && stringWidth(own) >= width / 3) ?? taken
}

function toPlain({ head, cells, ...column }: Column): Column {
  return { ...column, head: toAscii(head), cells: cells.map(toAscii) }
}

function pad(text: string, width: number, align: Column['align'] | undefined): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)))
  return align === 'right' ? space + text : text + space
}
