import { ROW_COLUMNS } from '../row-columns.ts'
import { h } from './dom.ts'
import { formatCell } from './row-cells.ts'
import type { RowStore } from './row-store.ts'

/** Shows everything that the page knows of a row. */
export function showRow(store: RowStore, row: number): void {
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
