import { Aggregation, type PointSummary } from './aggregate.ts'
import { getOrAdd } from './get-or-add.ts'
import { type ReadOptions, readRowBatches } from './read.ts'
import { isSelected, type RunSelection, runOf } from './runs.ts'

export interface FilesSummary {
  /** Rows of the selected runs. */
  rows: number
  points: PointSummary[]
}

/**
 * Summaries of the selected runs of results files, each file read once and never held. The last run is each file's
 * own: a run writes a file for each track, and shards of one run meet in one summary.
 */
export async function aggregateFiles(
  paths: readonly string[],
  { run = 'last', onProblem }: ReadOptions & { run?: RunSelection } = {},
): Promise<FilesSummary> {
  const total = new Aggregation()
  let rows = 0
  for (const path of paths) {
    const runs = new Map<string | null, { rows: number; aggregation: Aggregation }>()
    let last: string | null = null
    for await (const batch of readRowBatches(path, onProblem ? { onProblem } : {})) {
      for (const row of batch) {
        last = runOf(row)
        const own = getOrAdd(runs, last, () => ({ rows: 0, aggregation: new Aggregation() }))
        own.rows++
        own.aggregation.add(row)
      }
    }
    for (const [id, own] of runs) {
      if (!isSelected(run, id, last)) continue
      total.merge(own.aggregation)
      rows += own.rows
    }
  }
  return { rows, points: total.summarize() }
}
