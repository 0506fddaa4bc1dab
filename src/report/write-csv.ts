import { writePieces } from '../lib/whole-file.ts'
import { readRowBatches } from '../row/read.ts'
import type { Cell, FlatColumns } from './flatten.ts'

/**
 * Writes all rows as CSV (RFC 4180, with a header line, empty if there is no value). Streams the rows. The file starts
 * with a byte order mark, because Excel otherwise assumes another encoding. No text in it is a formula.
 * @throws ProvemarkError FILE_UNWRITABLE
 */
export async function writeCsv(
  files: readonly string[],
  columns: FlatColumns,
  output: string,
): Promise<void> {
  const names = columns.list().map(({ name }) => name)
  const flatten = columns.flattener()
  await writePieces(output, async (write) => {
    await write(`${BYTE_ORDER_MARK}${names.map(quote).join(',')}\n`)
    for await (const rows of readRowBatches(files)) {
      let lines = ''
      for (const row of rows) {
        const cells = flatten(row)
        lines += `${names.map((name) => quote(cells.get(name) ?? null)).join(',')}\n`
      }
      await write(lines)
    }
  })
}

export const BYTE_ORDER_MARK = '\uFEFF'
/**
 * What a spreadsheet treats as a formula, including full-width characters and leading blanks or invisible characters.
 */
const FORMULA = /^(?:[\t\r\n]|[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠\uFE62\uFE63\uFE66\uFE6B\u2212])/u

/** Rows may come from strangers: an apostrophe turns a formula into text. Numbers stay numbers. */
export function quote(cell: Cell): string {
  if (cell === null) return ''
  const text = typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
