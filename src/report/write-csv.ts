import { readRowBatches } from '../row/read.ts'
import { type Cell, type FlatColumns, flattenRow } from './flatten.ts'
import { OutputFile } from './output-file.ts'

/**
 * Writes all rows as CSV (RFC 4180, a head line, empty where there is no value). Rows stream through. It starts with a
 * byte order mark, without which Excel takes the text for another encoding, and no text of it is a formula.
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
    await file.write(`${BYTE_ORDER_MARK}${names.map(quote).join(',')}\n`)
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

const BYTE_ORDER_MARK = '\uFEFF'
/** What a spreadsheet takes for a formula, also in full width, or behind what it skips: blanks and invisible signs. */
const FORMULA = /^(?:[\t\r\n]|[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠\uFE62\uFE63\uFE66\uFE6B\u2212])/u

/** Rows may be a stranger's: an apostrophe makes text of what would run. Numbers stay numbers. */
function quote(cell: Cell): string {
  if (cell === null) return ''
  const text = typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
