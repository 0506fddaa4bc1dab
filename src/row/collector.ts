import type { ReadOptions } from './read.ts'
import { type FixedSelection, readSelected } from './runs.ts'
import type { Row } from './schema.ts'

/** What comes out of another thread: the public fields of a value, without its methods. */
export type Cloned<Value> =
  Value extends Map<infer Key, infer Item>
    ? Map<Key, Cloned<Item>>
    : Value extends Set<unknown> | Float64Array
      ? Value
      : Value extends readonly (infer Item)[]
        ? readonly Cloned<Item>[]
        : Value extends object
          ? { [Key in keyof Value as Value[Key] extends Method ? never : Key]: Cloned<Value[Key]> }
          : Value

type Method = (...args: never[]) => unknown

/** Sums up rows, part by part: what later rows of the same file gave in another thread is merged in. */
export interface Collector<Own> {
  /** By which `fold-worker.ts` knows how to start another one. */
  readonly kind: 'points' | 'series' | 'runs'
  add(row: Row): void
  merge(later: Cloned<Own>): void
}

/** Adds the selected rows of a file or a part of it. */
export async function addRows(
  collector: { add: (row: Row) => void },
  file: string,
  selection: FixedSelection,
  options: ReadOptions,
): Promise<void> {
  for await (const rows of readSelected(file, selection, options)) {
    for (const row of rows) collector.add(row)
  }
}
