import { ProvemarkError } from '../errors.ts'
import { CONFLICT_MARKER, parseRow } from './parse-row.ts'
import { type Line, MAX_LINE_BYTES, type Part, readLines } from './lines.ts'
import type { Row } from './schema.ts'

/** A line that is no row. The rows around it are good. */
export interface RowProblem {
  file: string
  line: number
  error: ProvemarkError
  /** Whether it is one of git's conflict markers: both sides of a merge are in the file. */
  isMarker: boolean
}

export interface ReadOptions {
  onProblem?: ((problem: RowProblem) => void) | undefined
  /** Of each file this part alone. */
  part?: Part
}

/**
 * Rows of one or more JSONL files, in order, without holding more than a piece of a file in memory. Unknown fields
 * are kept, blank lines passed over, damaged ones told to `onProblem`. Throws ROWS_UNREADABLE where a file itself
 * cannot be read.
 */
export async function* readRows(
  paths: string | readonly string[],
  options: ReadOptions = {},
): AsyncGenerator<Row> {
  for await (const rows of readRowBatches(paths, options)) yield* rows
}

/** As `readRows`, many rows at a time: much the faster for large files. */
export async function* readRowBatches(
  paths: string | readonly string[],
  { onProblem, part }: ReadOptions = {},
): AsyncGenerator<Iterable<Row>> {
  for (const file of typeof paths === 'string' ? [paths] : paths) {
    for await (const lines of readFileLines(file, part)) yield parseLines(file, lines, onProblem)
  }
}

function* parseLines(
  file: string,
  lines: Iterable<Line>,
  onProblem: ReadOptions['onProblem'],
): Generator<Row> {
  for (const line of lines) {
    const row = readLine(file, line, onProblem)
    if (row) yield row
  }
}

/** The row of a line; null where it is blank, or no row and told to `onProblem`. */
export function readLine(file: string, line: Line, onProblem: ReadOptions['onProblem']): Row | null {
  try {
    return readRow(line)
  } catch (error) {
    if (!(error instanceof ProvemarkError)) throw error
    const isMarker = CONFLICT_MARKER.test(line.text ?? '')
    onProblem?.({ file, line: line.number, error, isMarker })
    return null
  }
}

function readRow({ text, ended, number }: Line): Row | null {
  if (text === null) {
    throw new ProvemarkError('ROWS_UNREADABLE', `a line of more than ${MAX_LINE_BYTES} bytes is no row`, {
      hint: 'name a file that a run has written: its rows take some KB each',
    })
  }
  // A byte order mark is what some editors leave at the start of a file.
  const trimmed = (number === 1 ? text.replace(/^\uFEFF/, '') : text).trim()
  if (trimmed === '') return null
  try {
    return parseRow(trimmed)
  } catch (error) {
    if (ended || !(error instanceof ProvemarkError)) throw error
    throw new ProvemarkError('ROWS_UNREADABLE', `the last line is torn: ${error.message}`, {
      cause: error,
      hint: 'the run that wrote it was ended while it wrote; the next run into this file mends it',
    })
  }
}

async function* readFileLines(path: string, part?: Part): AsyncGenerator<Iterable<Line>> {
  try {
    yield* readLines(path, part)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (!code) throw cause
    throw new ProvemarkError('ROWS_UNREADABLE', `cannot read ${path}: ${REASONS[code] ?? message}`, {
      cause,
      hint: 'name a JSONL file that a run has written, by default one in benchmarking/',
    })
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'no permission to read it',
}
