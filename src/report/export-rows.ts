import type { BasicType, ColumnSource } from 'hyparquet-writer'
import { writeInto, writePieces } from '../lib/whole-file.ts'
import { readRowBatches } from '../row/read.ts'
import type { ReportData } from './data.ts'
import { type Cell, type CellKind, FlatColumns } from './flatten.ts'
import type { SvgOptions } from './write-svgs.ts'

interface Exports {
  /** Folder for the plots. */
  svg?: string | undefined
  drawing?: SvgOptions
  /** Files for all rows. */
  csv?: string | undefined
  parquet?: string | undefined
}

/** Writes the requested files in addition to the page, and returns what was written. */
export async function exportRows(
  files: readonly string[],
  data: ReportData,
  { svg, drawing, csv, parquet }: Exports,
): Promise<string[]> {
  const lines: string[] = []
  if (svg !== undefined) {
    const { writeSvgs } = await import('./write-svgs.ts')
    const { names, all } = await writeSvgs(data, svg, drawing)
    const others = names.length < all ? `; --plots list prints the names of all ${all}` : ''
    lines.push(`${svg}: ${names.length} ${names.length === 1 ? 'plot' : 'plots'}${others}`)
  }
  if (csv === undefined && parquet === undefined) return lines
  const columns = new FlatColumns()
  for await (const rows of readRowBatches(files)) for (const row of rows) columns.add(row)
  if (csv !== undefined) await writeCsv(files, columns, csv)
  if (parquet !== undefined) await writeParquet(files, columns, parquet)
  const written = [csv, parquet].filter((path) => path !== undefined)
  return [...lines, ...written.map((path) => `${path}: ${columns.list().length} columns`)]
}

/**
 * Writes all rows as CSV (RFC 4180, with a header line, empty if there is no value). Streams the rows. The file starts
 * with a byte order mark, because Excel otherwise assumes another encoding. No text in it is a formula.
 * @throws ProvemarkError FILE_UNWRITABLE
 */
async function writeCsv(files: readonly string[], columns: FlatColumns, output: string): Promise<void> {
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

const GROUP_ROWS = 50_000
const TYPES: Record<CellKind, BasicType> = {
  integer: 'INT64',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  text: 'STRING',
}

/**
 * Writes all rows as Parquet, snappy-compressed, every column nullable, `timestamp` as text as in the rows. Streams the
 * rows with one row group in memory at a time.
 * @throws ProvemarkError FILE_UNWRITABLE
 */
const writeParquet = (files: readonly string[], columns: FlatColumns, output: string) =>
  writeInto(output, (unfinished) => writeGroups(files, columns, unfinished))

async function writeGroups(files: readonly string[], columns: FlatColumns, path: string): Promise<void> {
  // Few exports are Parquet, and only those load its writer.
  const { fileWriter, ParquetWriter, schemaFromColumnData } = await import('hyparquet-writer')
  const layout = columns.list()
  const flatten = columns.flattener()
  const toColumns = (rows: readonly Map<string, Cell>[]): ColumnSource[] =>
    layout.map(({ name, kind }) => ({
      name,
      type: TYPES[kind],
      nullable: true,
      data: rows.map((cells) => convert(cells.get(name) ?? null, kind)),
    }))
  const schema = schemaFromColumnData({ columnData: toColumns([]) })
  const writer = new ParquetWriter({ writer: fileWriter(path), schema, createdBy: 'provemark' })
  let group: Map<string, Cell>[] = []
  const flush = async () => {
    if (group.length > 0) await writer.write({ columnData: toColumns(group), rowGroupSize: GROUP_ROWS })
    group = []
  }
  for await (const rows of readRowBatches(files)) {
    for (const row of rows) {
      group.push(flatten(row))
      if (group.length === GROUP_ROWS) await flush()
    }
  }
  await flush()
  await writer.finish()
}

function convert(cell: Cell, kind: CellKind): Cell | bigint {
  if (cell === null) return null
  if (kind === 'integer') return BigInt(cell)
  return kind === 'text' ? String(cell) : cell
}
