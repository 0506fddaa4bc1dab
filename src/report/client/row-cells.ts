import { formatNumber } from '../../row/metrics.ts'
import type { RowColumn } from '../row-columns.ts'
import type { RowStore } from './row-store.ts'

/** What a cell shows; nothing where the row has no value. */
export function formatCell(store: RowStore, { id, kind, unit }: RowColumn, row: number): string {
  if (kind === 'text') {
    const { values, codes } = store.texts.get(id)!
    return values[codes[row]!] ?? ''
  }
  const value = store.numbers.get(id)![row]!
  if (Number.isNaN(value)) return ''
  if (kind === 'time')
    return new Date(value)
      .toISOString()
      .replace('T', ' ')
      .replace(/\.\d+Z$/, ' Z')
  return formatNumber(unit ?? '', value)
}
