import { readLastRun } from './last-run.ts'
import { type ReadOptions, readRowBatches } from './read.ts'
import { isSelected, type RunSelection, runOf } from './runs.ts'
import type { Row } from './schema.ts'

/** Whether a run of a file is taken. */
export type IsTaken = (run: string | null, file: string) => boolean

/**
 * Which runs of which file a selection takes, told before the files are read: nothing of the others need be held then.
 * The last run is each file's own.
 * @throws ProvemarkError ROWS_UNREADABLE
 */
export async function selectRuns(files: readonly string[], selection: RunSelection): Promise<IsTaken> {
  const lasts = new Map<string, string | null>()
  if (selection === 'last') for (const file of files) lasts.set(file, await readLastRun(file))
  return (run, file) => isSelected(selection, run, lasts.get(file) ?? null)
}

/**
 * The rows of the selected runs of files, many at a time.
 * @throws ProvemarkError ROWS_UNREADABLE
 */
export async function* readRunBatches(
  files: readonly string[],
  selection: RunSelection,
  options?: ReadOptions,
): AsyncGenerator<Iterable<Row>> {
  const isTaken = await selectRuns(files, selection)
  for (const file of files) {
    for await (const rows of readRowBatches(file, options)) {
      yield selection === 'all' ? rows : filter(rows, (row) => isTaken(runOf(row), file))
    }
  }
}

function* filter(rows: Iterable<Row>, isTaken: (row: Row) => boolean): Generator<Row> {
  for (const row of rows) if (isTaken(row)) yield row
}
