import { ROW_COLUMNS } from '../row-columns.ts'
import type { RowChunk } from '../row-chunks.ts'

/** The distinct texts of a column; `codes` is -1 for rows that have none. */
interface TextColumn {
  values: string[]
  codes: Int32Array
}

/** All rows by column; NaN where a row has no number. */
export interface RowStore {
  count: number
  numbers: Map<string, Float64Array>
  texts: Map<string, TextColumn>
}

/** Unpacks the rows embedded in the page. */
export async function loadRows(elements: Iterable<Element>): Promise<RowStore> {
  const chunks = await Promise.all(Array.from(elements, (element) => unpack(element.textContent ?? '')))
  const count = chunks.reduce((sum, { rows }) => sum + rows, 0)
  const numbers = new Map<string, Float64Array>()
  const texts = new Map<string, TextColumn>()
  for (const { id, kind } of ROW_COLUMNS) {
    if (kind === 'text') texts.set(id, joinTexts(id, chunks, count))
    else numbers.set(id, joinNumbers(id, chunks, count))
  }
  return { count, numbers, texts }
}

async function unpack(base64: string): Promise<RowChunk> {
  const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return (await new Response(stream).json()) as RowChunk
}

function joinNumbers(id: string, chunks: readonly RowChunk[], count: number): Float64Array {
  const all = new Float64Array(count)
  let at = 0
  for (const { numbers } of chunks) {
    for (const value of numbers[id]!) all[at++] = value ?? NaN
  }
  return all
}

function joinTexts(id: string, chunks: readonly RowChunk[], count: number): TextColumn {
  const values: string[] = []
  const known = new Map<string, number>()
  const codes = new Int32Array(count)
  let at = 0
  for (const { texts } of chunks) {
    const own = texts[id]!
    const mapped = own.values.map((value) => {
      let code = known.get(value)
      if (code === undefined) known.set(value, (code = values.push(value) - 1))
      return code
    })
    for (const code of own.codes) codes[at++] = code === null ? -1 : mapped[code]!
  }
  return { values, codes }
}
