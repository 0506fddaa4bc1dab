import { compareNaturally } from '../../lib/names.ts'
import type { RowStore } from './row-store.ts'

interface Query {
  /** Words that must all occur in one of the row's texts, case-insensitive. */
  words: string
  /** Required text by column; columns without an entry match anything. */
  equal: ReadonlyMap<string, string>
  sort: { column: string; descending: boolean } | null
}

/** Indices of the rows that match a query, in its order. Rows without a value come last. */
export function queryRows(store: RowStore, { words, equal, sort }: Query): Uint32Array {
  const tests = [...findWords(store, words), ...findEqual(store, equal)]
  const indices = new Uint32Array(store.count)
  let length = 0
  for (let i = 0; i < store.count; i++) {
    if (tests.every((test) => test(i))) indices[length++] = i
  }
  const found = indices.subarray(0, length)
  if (!sort) return found
  const keys = readKeys(store, sort.column)
  const sign = sort.descending ? -1 : 1
  return found.toSorted((a, b) => compare(keys[a]!, keys[b]!, sign) || a - b)
}

type Test = (row: number) => boolean

// Words are looked up in the few distinct texts of a column, not in every row.
function findWords({ columns }: RowStore, words: string): Test[] {
  return words
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => {
      const found = Array.from(columns.values(), ({ texts, cells }) => ({
        cells,
        holds: texts.map((text) => text.toLowerCase().includes(word)),
      })).filter(({ holds }) => holds.includes(true))
      return (row) => found.some(({ cells, holds }) => holds[cells[row]!] === true)
    })
}

function findEqual({ columns }: RowStore, equal: Query['equal']): Test[] {
  return [...equal].map(([id, text]) => {
    const { texts, cells } = columns.get(id)!
    const wanted = texts.indexOf(text)
    return (row) => cells[row] === wanted
  })
}

/** A number per row that sorts in the same order as its value. */
function readKeys({ columns }: RowStore, column: string): Float64Array {
  const { texts, cells } = columns.get(column)!
  if (texts.length === 0) return cells
  const order = texts.map((_, code) => code).toSorted((a, b) => compareNaturally(texts[a]!, texts[b]!))
  const ranks = new Float64Array(texts.length)
  for (const [rank, code] of order.entries()) ranks[code] = rank
  return cells.map((code) => ranks[code] ?? NaN)
}

function compare(a: number, b: number, sign: number): number {
  if (a === b) return 0
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1
  if (Number.isNaN(b)) return -1
  return sign * (a - b)
}
