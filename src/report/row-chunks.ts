import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Row } from '../row/schema.ts'
import { ROW_COLUMNS } from './row-columns.ts'

const compress = promisify(gzip)

/** Rows per chunk: more compress better, fewer need less memory. */
const CHUNK_ROWS = 8192

/** Rows by column: numbers as they are, texts as a list of distinct values and an index per row. */
export interface RowChunk {
  rows: number
  numbers: Record<string, (number | null)[]>
  texts: Record<string, { values: string[]; codes: (number | null)[] }>
}

/** Packs streamed rows for the report as columns, gzip and base64, which no text of a row can break out of. */
export class RowPacker {
  #chunk = startChunk()
  #lists = new Map<string, Map<string, number>>()

  /** The packed chunk, if this row filled it. */
  add(row: Row): Promise<string> | undefined {
    for (const { id, kind, read } of ROW_COLUMNS) {
      const value = read(row) ?? null
      if (kind !== 'text') this.#chunk.numbers[id]!.push(value as number | null)
      else this.#chunk.texts[id]!.codes.push(value === null ? null : this.#encode(id, value as string))
    }
    return ++this.#chunk.rows === CHUNK_ROWS ? this.flush() : undefined
  }

  /** The remaining rows, packed; undefined if there are none. */
  flush(): Promise<string> | undefined {
    const chunk = this.#chunk
    if (chunk.rows === 0) return undefined
    this.#chunk = startChunk()
    this.#lists = new Map()
    return pack(chunk)
  }

  #encode(id: string, value: string): number {
    const values = this.#chunk.texts[id]!.values
    let codes = this.#lists.get(id)
    if (!codes) this.#lists.set(id, (codes = new Map()))
    let code = codes.get(value)
    if (code === undefined) {
      code = values.push(value) - 1
      codes.set(value, code)
    }
    return code
  }
}

async function pack(chunk: RowChunk): Promise<string> {
  return (await compress(JSON.stringify(chunk), { level: 3 })).toString('base64')
}

function startChunk(): RowChunk {
  const idsOf = (isText: boolean) =>
    ROW_COLUMNS.filter(({ kind }) => (kind === 'text') === isText).map(({ id }) => id)
  return {
    rows: 0,
    numbers: Object.fromEntries(idsOf(false).map((id) => [id, []])),
    texts: Object.fromEntries(idsOf(true).map((id) => [id, { values: [], codes: [] }])),
  }
}
