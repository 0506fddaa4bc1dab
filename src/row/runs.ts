import type { Row } from './schema.ts'

/** Which runs of a file to take: the last one, all, the one with an id, or all but one (a baseline's). */
export type RunSelection = 'last' | 'all' | { only: string } | { except: string | null }

/** What a user writes as `--run`: `all`, an id, or nothing for the last run. */
export function parseRunSelection(text: string | undefined): RunSelection {
  if (text === undefined || text === 'last') return 'last'
  return text === 'all' ? 'all' : { only: text }
}

/** The run that a row belongs to; all rows without a run id are one run, with id null. */
export function runOf({ run_id }: Row): string | null {
  return run_id ?? null
}

/** Whether a selection takes a run of a file whose last row is of the run `last`. */
export function isSelected(selection: RunSelection, run: string | null, last: string | null): boolean {
  if (selection === 'all') return true
  if (selection === 'last') return run === last
  return 'only' in selection ? run === selection.only : run !== selection.except
}
