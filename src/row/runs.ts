import type { Row } from './schema.ts'

/** Which runs to take, whatever file: all, the one with an id, or all but one (a baseline's). */
export type FixedSelection = 'all' | { only: string | null } | { except: string | null }

/** Which runs of a file to take; the last one is each file's own. */
export type RunSelection = 'last' | FixedSelection

/** What a user writes as `--run`: `all`, an id, or nothing for the last run. */
export function parseRunSelection(text: string | undefined): RunSelection {
  if (text === undefined || text === 'last') return 'last'
  return text === 'all' ? 'all' : { only: text }
}

/** The run that a row belongs to; all rows without a run id are one run, with id null. */
export function runOf({ run_id }: Row): string | null {
  return run_id ?? null
}

export function isSelected(selection: FixedSelection, run: string | null): boolean {
  if (selection === 'all') return true
  return 'only' in selection ? run === selection.only : run !== selection.except
}
