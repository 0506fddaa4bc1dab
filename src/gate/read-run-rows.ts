import { readRowBatches, type RowProblem } from '../row/jsonl.ts'
import { isSelected, type RunSelection, runOf } from '../row/runs.ts'
import type { Row } from '../row/schema.ts'

/** Rows of the selected runs of one file. It is read twice, so that no other run is ever held. */
export async function readRunRows(
  file: string,
  selection: RunSelection,
  onProblem: (problem: RowProblem) => void,
): Promise<Row[]> {
  let last: string | null = null
  for await (const rows of readRowBatches(file)) if (rows.length) last = runOf(rows.at(-1)!)
  const selected: Row[] = []
  for await (const rows of readRowBatches(file, { onProblem })) {
    for (const row of rows) if (isSelected(selection, runOf(row), last)) selected.push(row)
  }
  return selected
}
