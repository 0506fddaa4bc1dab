import type { ReadOptions } from '../read.ts'
import type { FixedSelection } from '../runs.ts'
import type { Row } from '../schema.ts'
import { readSelected } from '../select-runs.ts'
import type { Cloned } from './cloned.ts'

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
