import { readRowBatches } from '../row/jsonl.ts'
import { type Cell, type FlatColumns, flattenRow } from './flatten.ts'
import { OutputFile } from './output-file.ts'

/**
 * Writes all rows as CSV (RFC 4180, a head line, empty where there is no value). Rows stream through.
 * @throws ProvemarkError FILE_UNWRITABLE
 */
export async function writeCsv(
  files: readonly string[],
  columns: FlatColumns,
  output: string,
): Promise<void> {
  const names = columns.list().map(({ name }) => name)
  const file = await OutputFile.open(output)
  try {
    await file.write(`${names.map(quote).join(',')}\n`)
    for await (const rows of readRowBatches(files)) {
      let lines = ''
      for (const row of rows) {
        const cells = flattenRow(row)
        lines += `${names.map((name) => quote(cells.get(name) ?? null)).join(',')}\n`
      }
      await file.write(lines)
    }
    await file.commit()
  } finally {
    await file.discard()
  }
}

function quote(cell: Cell): string {
  if (cell === null) return ''
  const text = String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
