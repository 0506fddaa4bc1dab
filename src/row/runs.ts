import { open } from 'node:fs/promises'
import { ProvemarkError } from '../errors.ts'
import { runOf } from './outcome.ts'
import { parseRow, type ReadOptions, readRowBatches } from './read.ts'
import type { Row } from './schema.ts'

/** Which runs to take from any file: all, the one with an id, or all but one (a baseline's). */
export type FixedSelection =
  | 'all'
  /** `published`: includes published figures, which belong to no run. */
  | { only: string | null; published?: boolean }
  | { except: string | null }

/** Which runs to take from a file. The last run is chosen per file. */
export type RunSelection = 'last' | FixedSelection

/** Parses the value of `--run`: `all`, an id, or nothing for the last run. */
export function parseRunSelection(text: string | undefined): RunSelection {
  if (text === undefined || text === 'last') return 'last'
  return text === 'all' ? 'all' : { only: text }
}

const MAX_NAMED = 10

/** The error for files that have no row of a selection. `known` are the runs that they have, if they were read. */
export function noRows(
  files: readonly string[],
  run: RunSelection,
  known: readonly (string | null)[] = [],
): ProvemarkError {
  const named = typeof run === 'object' && 'only' in run ? ` of run ${run.only}` : ''
  const recent = known.slice(-MAX_NAMED).map((id) => id ?? 'without an id')
  const more = recent.length ? `; the most recent are ${recent.join(', ')}` : ''
  return new ProvemarkError('NO_ROWS', `no row${named} in ${files.join(', ')}`, {
    hint:
      named || more ? `--run all selects every run${more}` : 'npx vitest bench writes rows to benchmarking/',
  })
}

function isSelected(selection: FixedSelection, run: string | null, isReported: boolean): boolean {
  if (selection === 'all' || (isReported && 'only' in selection && selection.published)) return true
  return 'only' in selection ? run === selection.only : run !== selection.except
}

const TAIL_BYTES = 2 ** 18

/**
 * The run of a file's last measured row; null if that row has no id or there is no row. Reads from the file's end, so
 * that the rows need to be read only once and rows of other runs are never held in memory.
 * @throws ProvemarkError ROWS_UNREADABLE
 */
async function readLastRun(file: string): Promise<string | null> {
  const tail = await readTail(file)
  for (const line of tail?.toReversed() ?? []) {
    try {
      const row = line.trim() === '' ? undefined : parseRow(line)
      if (row && !row.reported) return runOf(row)
    } catch (error) {
      if (!(error instanceof ProvemarkError)) throw error
    }
  }
  // No whole row at the end of the file, or it cannot be opened: reading all of it reports what is wrong.
  let last: string | null = null
  for await (const rows of readRowBatches(file, { onProblem: () => {} })) {
    for (const row of rows) if (!row.reported) last = runOf(row)
  }
  return last
}

/** The whole lines at the end of a file; null if it is not seekable. */
async function readTail(file: string): Promise<string[] | null> {
  const handle = await open(file).catch(() => null)
  if (!handle) return null
  try {
    const stat = await handle.stat()
    if (stat.isDirectory()) return null
    if (!stat.isFile()) {
      throw new ProvemarkError('ROWS_UNREADABLE', `cannot read ${file}: it is not a regular file`, {
        hint: 'its last run is at its end: use --run all, or write the rows to a file first',
      })
    }
    const start = Math.max(0, stat.size - TAIL_BYTES)
    const bytes = Buffer.alloc(stat.size - start)
    await handle.read(bytes, 0, bytes.length, start)
    const lines = bytes.toString('utf8').split('\n')
    return start > 0 ? lines.slice(1) : lines
  } finally {
    await handle.close()
  }
}

/** Whether a run of a file is taken. */
export type IsTaken = (run: string | null, file: string, isReported: boolean) => boolean

/**
 * Resolves a selection to runs before the files are read, so that rows of other runs are never held in memory.
 * @throws ProvemarkError ROWS_UNREADABLE
 */
export async function selectRuns(files: readonly string[], selection: RunSelection): Promise<IsTaken> {
  const fixed = new Map<string, FixedSelection>()
  for (const file of files) fixed.set(file, await fixSelection(file, selection))
  return (run, file, isReported) => isSelected(fixed.get(file) ?? 'all', run, isReported)
}

/**
 * Resolves a selection for one file.
 * @throws ProvemarkError ROWS_UNREADABLE
 */
export async function fixSelection(file: string, selection: RunSelection): Promise<FixedSelection> {
  return selection === 'last' ? { only: await readLastRun(file), published: true } : selection
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

/** Same as `readRunBatches`, for one file or a part of it. */
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
  for (const row of rows) if (isSelected(selection, runOf(row), row.reported != null)) yield row
}
