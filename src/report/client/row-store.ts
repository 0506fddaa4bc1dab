import { getOrAdd } from '../../row/collections.ts'
import { ROW_COLUMNS } from '../row-columns.ts'
import type { RowChunk } from '../row-chunks.ts'

interface StoredColumn {
  /** The number of each row, or the index of its text; NaN if it has none. */
  cells: Float64Array
  /** The distinct texts; none in a column of numbers. */
  texts: string[]
}

/** All rows by column. */
export interface RowStore {
  count: number
  columns: ReadonlyMap<string, StoredColumn>
}

/** Unpacks the rows embedded in the page. */
export async function loadRows(elements: Iterable<Element>): Promise<RowStore> {
  const chunks = await Promise.all(Array.from(elements, (element) => unpack(element.textContent ?? '')))
  const count = chunks.reduce((sum, { rows }) => sum + rows, 0)
  return { count, columns: new Map(ROW_COLUMNS.map(({ id }) => [id, joinColumn(id, chunks, count)])) }
}

async function unpack(base64: string): Promise<RowChunk> {
  const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return (await new Response(stream).json()) as RowChunk
}

function joinColumn(id: string, chunks: readonly RowChunk[], count: number): StoredColumn {
  const cells = new Float64Array(count)
  const codes = new Map<string, number>()
  let at = 0
  for (const { columns } of chunks) {
    const own = columns[id]!
    // Each chunk has numbered its texts by itself.
    const known = own.texts.map((text) => getOrAdd(codes, text, () => codes.size))
    for (const cell of own.cells) cells[at++] = cell === null ? NaN : (known[cell] ?? cell)
  }
  return { cells, texts: [...codes.keys()] }
}
