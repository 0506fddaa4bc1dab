import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { getOrAdd } from '../row/collections.ts'
import type { Row } from '../row/schema.ts'
import { ROW_COLUMNS } from './row-columns.ts'

const compress = promisify(gzip)

/** Rows per chunk: larger chunks compress better, smaller ones need less memory. */
const CHUNK_ROWS = 8192

/** A column of rows: the numbers as they are, or the distinct texts and the index of each row's. */
interface ChunkColumn {
  cells: (number | null)[]
  texts: string[]
}

/** Rows by column. */
export interface RowChunk {
  rows: number
  columns: Record<string, ChunkColumn>
}

/** Packs streamed rows for the report as columns, gzip and base64, which no text of a row can break out of. */
export class RowPacker {
  #chunk = startChunk()

  /** The packed chunk, if this row filled it. */
  add(row: Row): Promise<string> | undefined {
    for (const { read, push } of this.#chunk.fillers) push(read(row) ?? null)
    return ++this.#chunk.rows === CHUNK_ROWS ? this.flush() : undefined
  }

  /** The remaining rows, packed; undefined if there are none. */
  flush(): Promise<string> | undefined {
    const { rows, columns } = this.#chunk
    if (rows === 0) return undefined
    this.#chunk = startChunk()
    return pack({ rows, columns })
  }
}

async function pack(chunk: RowChunk): Promise<string> {
  return (await compress(JSON.stringify(chunk), { level: 3 })).toString('base64')
}

type Cell = string | number | null

/** An empty chunk, and the function that puts the cells of a row into its columns. */
function startChunk() {
  const chunk: RowChunk = { rows: 0, columns: {} }
  const fillers = ROW_COLUMNS.map(({ id, kind, read }) => {
    const column: ChunkColumn = (chunk.columns[id] = { cells: [], texts: [] })
    const pushNumber = (cell: Cell) => column.cells.push(cell as number | null)
    return { read, push: kind === 'text' ? encodeInto(column) : pushNumber }
  })
  return { ...chunk, fillers }
}

function encodeInto({ texts, cells }: ChunkColumn): (cell: Cell) => void {
  const known = new Map<string, number>()
  // The next row usually has the same text, and comparing is faster than a look-up.
  let last: Cell = null
  let lastCode: number | null = null
  return (cell) => {
    if (cell !== last) {
      last = cell
      lastCode = cell === null ? null : getOrAdd(known, cell as string, () => texts.push(cell as string) - 1)
    }
    cells.push(lastCode)
  }
}
