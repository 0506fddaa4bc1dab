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
function findWords({ texts }: RowStore, words: string): Test[] {
  return words
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => {
      const columns = Array.from(texts.values(), ({ values, codes }) => ({
        codes,
        holds: values.map((value) => value.toLowerCase().includes(word)),
      })).filter(({ holds }) => holds.includes(true))
      return (row) => columns.some(({ codes, holds }) => holds[codes[row]!] === true)
    })
}

function findEqual({ texts }: RowStore, equal: Query['equal']): Test[] {
  return [...equal].map(([id, text]) => {
    const { values, codes } = texts.get(id)!
    const wanted = values.indexOf(text)
    return (row) => codes[row] === wanted
  })
}

/** A number per row that sorts in the same order as its value. */
function readKeys({ numbers, texts }: RowStore, column: string): ArrayLike<number> {
  const own = numbers.get(column)
  if (own) return own
  const { values, codes } = texts.get(column)!
  const order = values.map((_, code) => code).toSorted((a, b) => compareNaturally(values[a]!, values[b]!))
  const ranks = new Float64Array(values.length)
  for (const [rank, code] of order.entries()) ranks[code] = rank
  return Float64Array.from(codes, (code) => (code < 0 ? NaN : ranks[code]!))
}

function compare(a: number, b: number, sign: number): number {
  if (a === b) return 0
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1
  if (Number.isNaN(b)) return -1
  return sign * (a - b)
}
