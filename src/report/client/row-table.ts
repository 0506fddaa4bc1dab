import { ROW_COLUMNS, type RowColumn } from '../row-columns.ts'
import { formatNumber } from '../../row/metrics.ts'
import { h } from './dom.ts'
import type { RowStore } from './row-store.ts'

/** Text of a cell; empty if the row has no value. */
function formatCell(store: RowStore, { id, kind, unit }: RowColumn, row: number): string {
  const { texts, cells } = store.columns.get(id)!
  const value = cells[row]!
  if (Number.isNaN(value)) return ''
  if (kind === 'text') return texts[value]!
  if (kind === 'time')
    return new Date(value)
      .toISOString()
      .replace('T', ' ')
      .replace(/\.\d+Z$/, ' Z')
  return formatNumber(unit ?? '', value)
}

const ROW_PX = 28
// Browsers limit elements to about 16 million pixels. Beyond this, one pixel of scrolling moves by several rows.
const MAX_PX = 12_000_000
const EXTRA_ROWS = 6

/** Which of `count` rows are visible in a box that is `height` pixels high and scrolled down by `scrollTop`. */
function findWindow(count: number, scrollTop: number, height: number) {
  const total = Math.min(count * ROW_PX, MAX_PX)
  const visible = Math.ceil(height / ROW_PX)
  const reach = total - height
  const top = reach > 0 ? (Math.min(scrollTop, reach) / reach) * Math.max(0, count - height / ROW_PX) : 0
  const first = Math.max(0, Math.floor(top) - EXTRA_ROWS)
  const last = Math.min(count, Math.floor(top) + visible + EXTRA_ROWS)
  const isScaled = count * ROW_PX > MAX_PX
  /** Pixels of empty space above the rendered rows; below them it is `after`. */
  const before = isScaled
    ? Math.max(0, Math.min(scrollTop - (top - first) * ROW_PX, total - (last - first) * ROW_PX))
    : first * ROW_PX
  return { first, last, before, after: Math.max(0, total - before - (last - first) * ROW_PX) }
}

/** Shows everything the page has about a row. */
function showRow(store: RowStore, row: number): void {
  const facts = ROW_COLUMNS.flatMap((column) => {
    const text = formatCell(store, column, row)
    if (text === '') return []
    return [h('dt', {}, column.label), h('dd', {}, column.unit ? `${text} ${column.unit}` : text)]
  })
  const title = h('h3', { id: 'row-title' }, `Row ${row + 1}`)
  const close = h('button', { type: 'button' }, 'Close')
  const dialog = h('dialog', { 'aria-labelledby': 'row-title' }, title, h('dl', {}, ...facts), close)
  close.addEventListener('click', () => dialog.close())
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
}

export type Sort = { column: string; descending: boolean } | null

/** A table of any number of rows, of which only those in view are in the DOM. */
export class RowTable {
  readonly element: HTMLElement
  readonly #store: RowStore
  readonly #columns: readonly RowColumn[]
  readonly #onSort: (sort: Sort) => void
  readonly #table: HTMLTableElement
  readonly #body = h('tbody')
  #rows: Uint32Array = new Uint32Array()
  #sort: Sort = null
  #shown = ''

  constructor(store: RowStore, onSort: (sort: Sort) => void) {
    this.#store = store
    this.#columns = ROW_COLUMNS.filter(({ id }) => !store.columns.get(id)!.cells.every(Number.isNaN))
    this.#onSort = onSort
    const head = h(
      'tr',
      { 'aria-rowindex': 1 },
      h('th', { scope: 'col' }, '#'),
      ...this.#columns.map((c) => this.#makeHead(c)),
    )
    this.#table = h(
      'table',
      { class: 'rows' },
      h('caption', {}, 'All rows'),
      h('thead', {}, head),
      this.#body,
    )
    this.element = h(
      'div',
      { class: 'scroll rows', tabindex: 0, role: 'region', 'aria-label': 'Table of all rows' },
      this.#table,
    )
    this.element.addEventListener('scroll', () => this.#draw(), { passive: true })
    new ResizeObserver(() => this.#draw()).observe(this.element)
  }

  show(rows: Uint32Array): void {
    this.#rows = rows
    this.#shown = ''
    this.element.scrollTop = 0
    this.#table.setAttribute('aria-rowcount', String(rows.length + 1))
    this.#draw()
  }

  #makeHead(column: RowColumn): HTMLElement {
    const { id, label, unit } = column
    const button = h('button', { type: 'button' }, unit ? `${label} (${unit})` : label)
    const cell = h('th', { scope: 'col', 'data-column': id, class: classOf(column) }, button)
    button.addEventListener('click', () => {
      this.#sort = nextSort(this.#sort, column)
      for (const other of this.#table.querySelectorAll('th')) other.removeAttribute('aria-sort')
      if (this.#sort) cell.setAttribute('aria-sort', this.#sort.descending ? 'descending' : 'ascending')
      this.#onSort(this.#sort)
    })
    return cell
  }

  #draw(): void {
    const { scrollTop, clientHeight } = this.element
    const { first, last, before, after } = findWindow(this.#rows.length, scrollTop, clientHeight)
    const state = `${first} ${last} ${before}`
    if (state === this.#shown) return
    this.#shown = state
    const focused = (document.activeElement as HTMLElement | null)?.dataset['row']
    const rows = Array.from({ length: last - first }, (_, i) => this.#makeRow(first + i))
    this.#body.replaceChildren(makeGap(before), ...rows, makeGap(after))
    if (focused)
      this.#body.querySelector<HTMLElement>(`[data-row="${focused}"]`)?.focus({ preventScroll: true })
  }

  #makeRow(position: number): HTMLElement {
    const row = this.#rows[position]!
    const button = h(
      'button',
      { type: 'button', 'data-row': row, 'aria-label': `All of row ${row + 1}` },
      String(row + 1),
    )
    button.addEventListener('click', () => showRow(this.#store, row))
    const cells = this.#columns.map((column) => {
      const text = formatCell(this.#store, column, row)
      return h('td', { class: classOf(column), title: text.length > 24 ? text : null }, text)
    })
    const status = formatCell(this.#store, this.#columns[0]!, row)
    return h(
      'tr',
      { 'aria-rowindex': position + 2, 'data-status': status },
      h('th', { scope: 'row' }, button),
      ...cells,
    )
  }
}

// The first click sorts numbers in descending and texts in ascending order. The third restores the original order.
function nextSort(sort: Sort, { id, kind }: RowColumn): Sort {
  const first = kind !== 'text'
  if (sort?.column !== id) return { column: id, descending: first }
  return sort.descending === first ? { column: id, descending: !first } : null
}

const classOf = ({ kind, id }: RowColumn) => `${kind} column-${id}`

function makeGap(height: number): HTMLElement {
  const gap = h('tr', { class: 'gap', 'aria-hidden': 'true' }, h('td'))
  gap.style.height = `${height}px`
  return gap
}
