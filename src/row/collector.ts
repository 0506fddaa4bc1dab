import type { ReadOptions } from './read.ts'
import { type FixedSelection, readSelected } from './runs.ts'
import type { Row } from './schema.ts'

/** What arrives from another thread: the public fields of a value, without its methods. */
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

/** Summarizes rows part by part. Results for later rows of the same file, computed in another thread, are merged in. */
export interface Collector<Own> {
  /** Tells `fold-worker.ts` which collector to create. */
  readonly kind: 'points' | 'series' | 'runs'
  add(row: Row): void
  merge(later: Cloned<Own>): void
}

/** Adds the selected rows of a file, or of a part of it. */
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
