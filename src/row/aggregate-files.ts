import { Aggregation, type PointSummary } from './aggregate.ts'
import { type Folding, foldFiles } from './fold/fold-files.ts'

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
  { run = 'last', onProblem }: Partial<Folding> = {},
): Promise<FilesSummary> {
  const aggregation = await foldFiles(new Aggregation(), paths, { run, onProblem })
  return { rows: aggregation.rows, points: aggregation.summarize() }
}
