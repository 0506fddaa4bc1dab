import {
  type BasicType,
  type ColumnSource,
  fileWriter,
  ParquetWriter,
  schemaFromColumnData,
} from 'hyparquet-writer'
import { writeInto } from '../lib/whole-file.ts'
import { readRowBatches } from '../row/read.ts'
import type { Cell, CellKind, FlatColumns } from './flatten.ts'

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
export async function writeParquet(
  files: readonly string[],
  columns: FlatColumns,
  output: string,
): Promise<void> {
  await writeInto(output, (unfinished) => writeGroups(files, columns, unfinished))
}

async function writeGroups(files: readonly string[], columns: FlatColumns, path: string): Promise<void> {
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
