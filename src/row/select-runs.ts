import { readLastRun } from './last-run.ts'
import { type ReadOptions, readRowBatches } from './read.ts'
import { type FixedSelection, isSelected, type RunSelection, runOf } from './runs.ts'
import type { Row } from './schema.ts'

/** Whether a run of a file is taken. */
export type IsTaken = (run: string | null, file: string) => boolean

/**
 * Which runs of which file a selection takes, told before the files are read: nothing of the others need be held then.
 * @throws ProvemarkError ROWS_UNREADABLE
 */
export async function selectRuns(files: readonly string[], selection: RunSelection): Promise<IsTaken> {
  const fixed = new Map<string, FixedSelection>()
  for (const file of files) fixed.set(file, await fixSelection(file, selection))
  return (run, file) => isSelected(fixed.get(file) ?? 'all', run)
}

/**
 * What a selection means for one file.
 * @throws ProvemarkError ROWS_UNREADABLE
 */
export async function fixSelection(file: string, selection: RunSelection): Promise<FixedSelection> {
  return selection === 'last' ? { only: await readLastRun(file) } : selection
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
  for (const file of files) yield* readSelected(file, await fixSelection(file, selection), options)
}

/** As `readRunBatches`, of one file or a part of it. */
export async function* readSelected(
  file: string,
  selection: FixedSelection,
  options?: ReadOptions,
): AsyncGenerator<Iterable<Row>> {
  for await (const rows of readRowBatches(file, options)) {
    yield selection === 'all' ? rows : filter(rows, selection)
  }
}

function* filter(rows: Iterable<Row>, selection: FixedSelection): Generator<Row> {
  for (const row of rows) if (isSelected(selection, runOf(row))) yield row
}
