import { Aggregation, type PointSummary } from './aggregate.ts'
import type { ReadOptions } from './read.ts'
import type { RunSelection } from './runs.ts'
import { readRunBatches } from './select-runs.ts'

export interface FilesSummary {
  /** Rows of the selected runs. */
  rows: number
  points: PointSummary[]
}

/**
 * Summaries of the selected runs of results files, which are never held. The last run is each file's own: a run writes
 * a file for each track, and shards of one run meet in one summary.
 */
export async function aggregateFiles(
  paths: readonly string[],
  { run = 'last', ...reading }: ReadOptions & { run?: RunSelection } = {},
): Promise<FilesSummary> {
  const aggregation = new Aggregation()
  let rows = 0
  for await (const batch of readRunBatches(paths, run, reading)) {
    for (const row of batch) {
      aggregation.add(row)
      rows++
    }
  }
  return { rows, points: aggregation.summarize() }
}
