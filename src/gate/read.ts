import { ProvemarkError } from '../errors.ts'
import { foldFiles } from '../row/fold/fold-files.ts'
import type { RowProblem } from '../row/jsonl.ts'
import type { RunSelection } from '../row/runs.ts'
import { BaselineCollector, SeriesCollector } from './collect.ts'
import type { Series } from './series.ts'
import { checkSummaries } from './twice.ts'

/**
 * Series of the selected runs of a results file.
 * @throws ProvemarkError ROWS_UNREADABLE, ROWS_CONFLICT
 */
export async function readSeries(
  file: string,
  run: RunSelection,
  onProblem: (problem: RowProblem) => void,
): Promise<Series[]> {
  const series = (await foldFiles(new SeriesCollector(), [file], { run, onProblem })).list()
  checkSummaries(file, series)
  return series
}

/** The rows of all runs of a baseline's file. */
export async function collectBaseline(
  file: string,
  onProblem: (problem: RowProblem) => void,
): Promise<BaselineCollector> {
  return foldFiles(new BaselineCollector(), [file], { run: 'all', onProblem })
}

/** The error of a baseline that has nothing to compare with. */
export function baselineMissing(message: string): ProvemarkError {
  return new ProvemarkError('BASELINE_MISSING', message, {
    hint: 'npx provemark baseline update makes one of your last run; --allow-missing passes a first run without it',
  })
}
