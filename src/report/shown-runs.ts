import { isSelected, type RunSelection } from '../row/runs.ts'
import type { IsShown } from './collect.ts'
import { readLastRun } from './last-run.ts'

/** Which runs of which file a selection shows: the last run is each file's own, as in the summary. */
export async function findShown(files: readonly string[], run: RunSelection): Promise<IsShown> {
  const lasts = new Map<string, string | null>()
  for (const file of files) lasts.set(file, await readLastRun(file))
  return (id, file) => isSelected(run, id, lasts.get(file) ?? null)
}
