import { readRows as readEveryRow, type RowProblem } from './row/read.ts'
import type { Row } from './row/schema.ts'

export interface ReadRowsOptions {
  /** Called for each damaged line, which is then skipped. Without it the first damaged line is an error. */
  onProblem?: (problem: RowProblem) => void
}

/**
 * The rows of one or more results files or baselines, in order. The files are streamed, so they may be larger than
 * memory. Fields that the schema does not know are kept.
 * @throws ProvemarkError ROWS_UNREADABLE for a file that cannot be read, and for a damaged line without `onProblem`
 */
export function readRows(
  paths: string | readonly string[],
  { onProblem = raise }: ReadRowsOptions = {},
): AsyncGenerator<Row> {
  return readEveryRow(paths, { onProblem })
}

function raise({ file, line, error }: RowProblem): never {
  error.message = `${file}:${line}: ${error.message}`
  throw error
}
