import { formatError, ProvemarkError } from '../errors.ts'
import { foldFiles } from '../row/fold/fold-files.ts'
import type { RowProblem } from '../row/jsonl.ts'
import type { RunSelection } from '../row/runs.ts'
import { BaselineCollector, SeriesCollector } from './collect.ts'
import type { Series } from './series.ts'

/** Series of the selected runs of a results file. */
export async function readSeries(
  file: string,
  run: RunSelection,
  onProblem: (problem: RowProblem) => void,
): Promise<Series[]> {
  return (await foldFiles(new SeriesCollector(), [file], { run, onProblem })).list()
}

/** The rows of all runs of a baseline's file. */
export async function collectBaseline(
  file: string,
  onProblem: (problem: RowProblem) => void,
): Promise<BaselineCollector> {
  return foldFiles(new BaselineCollector(), [file], { run: 'all', onProblem })
}

/** Says on the way which lines are no rows, the first few in full. */
export function tellProblems(write: (line: string) => void, most = 10): (problem: RowProblem) => void {
  let told = 0
  return ({ file, line, error }) => {
    if (++told <= most) write(`${file}:${line}: ${formatError(error)}`)
    else if (told === most + 1) write(`${file}: more lines are no rows`)
  }
}

/** The error of a baseline that has nothing to compare with. */
export function baselineMissing(message: string): ProvemarkError {
  return new ProvemarkError('BASELINE_MISSING', message, {
    hint: 'npx provemark baseline update makes one of your last run; --allow-missing passes a first run without it',
  })
}
