import { readRowBatches, type RowProblem } from './read.ts'
import type { Row } from './schema.ts'

/** All rows of files and all lines that are none, in memory: for files known to be small. */
export async function collectRows(
  paths: string | readonly string[],
): Promise<{ rows: Row[]; problems: RowProblem[] }> {
  const rows: Row[] = []
  const problems: RowProblem[] = []
  const onProblem = (problem: RowProblem) => problems.push(problem)
  for await (const batch of readRowBatches(paths, { onProblem })) rows.push(...batch)
  return { rows, problems }
}
