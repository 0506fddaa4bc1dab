import { statSync } from 'node:fs'
import { cutText, ProvemarkError, formatError } from '../errors.ts'
import { printableName, readTextIfThere } from '../lib/text.ts'
import { type Line, looksTorn, MAX_LINE_BYTES, type Part, readLines } from './lines.ts'
import { makeQuickCheck } from './quick-check.ts'
import { type Row, rowSchema } from './schema.ts'
import { countOf } from '../lib/names.ts'

const isSurelyRow = makeQuickCheck(rowSchema)

/**
 * Parses a row from one line of JSONL.
 * @throws ProvemarkError ROWS_UNREADABLE that says what is wrong with the line
 */
export function parseRow(text: string): Row {
  const value = parseJson(text)
  if (isSurelyRow(value)) return requireStatus(value as Row)
  const parsed = rowSchema.safeParse(value)
  if (parsed.success) return requireStatus(parsed.data)
  const [issue, ...others] = parsed.error.issues
  const where = issue?.path.length ? `${issue.path.join('.')}: ` : ''
  const more = others.length ? ` (and ${others.length} more)` : ''
  throw new ProvemarkError('ROWS_UNREADABLE', `not a row: ${where}${issue?.message}${more}`, {
    hint: 'docs/rows.md lists the fields and their types',
  })
}

/** Rows that somebody wrote by hand: nothing says whether the phase succeeded, so they count as neither. */
function requireStatus(row: Row): Row {
  const { status, return_code, time_s, mem_mb, reported } = row
  if (status || return_code != null || reported || (time_s == null && mem_mb == null)) return row
  throw new ProvemarkError(
    'ROWS_UNREADABLE',
    'a row with figures has neither status nor return_code: nothing says whether its phase succeeded',
    { hint: 'add "status":"ok" if it did; published figures: npx provemark import paper.csv -o peer.jsonl' },
  )
}

/** Git's conflict markers, including the one for the common ancestor, at any configured marker size. */
const CONFLICT_MARKER = /^(?:<{7,}|\|{7,}|={7,}|>{7,})(?:\s|$)/

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const start = JSON.stringify(text.slice(0, 40))
    const [message, hint] = CONFLICT_MARKER.test(text)
      ? [`git's conflict marker: ${start}`, 'resolve the merge: keep the lines of one side only']
      : [`not JSON: starts with ${start}`, 'each line of a results file holds one JSON object']
    throw new ProvemarkError('ROWS_UNREADABLE', message, { cause, hint })
  }
}

/** A line that is not a row. The rows around it are still usable. */
export interface RowProblem {
  file: string
  line: number
  error: ProvemarkError
  /** Whether it is a git conflict marker: both sides of a merge are in the file. */
  isMarker: boolean
}

export interface ReadOptions {
  onProblem?: ((problem: RowProblem) => void) | undefined
  /** Read only this part of each file. */
  part?: Part
}

/**
 * Yields the rows of one or more JSONL files, in order, with only a chunk of a file in memory. Keeps unknown fields,
 * skips blank lines, and reports damaged ones to `onProblem`.
 * @throws ProvemarkError ROWS_UNREADABLE if a file itself cannot be read
 */
export async function* readRows(
  paths: string | readonly string[],
  options: ReadOptions = {},
): AsyncGenerator<Row> {
  for await (const rows of readRowBatches(paths, options)) yield* rows
}

/** Same as `readRows`, but many rows at a time: much faster for large files. */
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

/** The row of a line; null if the line is blank, or is not a row, which is reported to `onProblem`. */
export function readLine(file: string, line: Line, onProblem?: ReadOptions['onProblem']): Row | null {
  try {
    return readRow(line)
  } catch (error) {
    if (!(error instanceof ProvemarkError)) throw error
    const document = describeDocument(file, line)
    if (document) throw document
    const isMarker = CONFLICT_MARKER.test(line.text ?? '')
    onProblem?.({ file, line: line.number, error, isMarker })
    return null
  }
}

/** Larger files are read line by line, whatever they are. */
const MOST_DOCUMENT_BYTES = 2 ** 26

/**
 * The error of a file that is one JSON value over several lines, as tools print it. Its first line is a bracket alone;
 * of any other file, and of a pipe, which cannot be read again, nothing is said.
 */
function describeDocument(file: string, { start, text }: Line): ProvemarkError | undefined {
  if (start !== 0 || !/^\uFEFF?[[{\s]+$/.test(text ?? '')) return undefined
  const stats = statSync(file, { throwIfNoEntry: false })
  if (!stats?.isFile() || stats.size > MOST_DOCUMENT_BYTES) return undefined
  let value: unknown
  try {
    value = JSON.parse(readTextIfThere(file))
  } catch {
    return undefined
  }
  const keys = Object.keys(value as object).map(printableName)
  const what = Array.isArray(value)
    ? `one JSON array of ${countOf(value.length, 'element')}`
    : `one JSON object with ${cutText(keys.join(', ')) || 'nothing in it'}`
  return new ProvemarkError(
    'ROWS_UNREADABLE',
    `${file} is ${what}, over several lines: expected one row per line, as a run writes them`,
    { hint: `name a JSONL file of benchmarking/; rows of another form: jq -c '.[]?' FILE > rows.jsonl` },
  )
}

function readRow({ text, ended, number }: Line): Row | null {
  if (text === null) {
    throw new ProvemarkError('ROWS_UNREADABLE', `a line of more than ${MAX_LINE_BYTES} bytes is not a row`, {
      hint: 'name a file that a run has written: its rows take some KB each',
    })
  }
  // Some editors put a byte order mark at the start of a file.
  const trimmed = (number === 1 ? text.replace(/^\uFEFF/, '') : text).trim()
  if (trimmed === '') return null
  try {
    return parseRow(trimmed)
  } catch (error) {
    if (ended || !(error instanceof ProvemarkError) || !looksTorn(trimmed)) throw error
    throw new ProvemarkError('ROWS_UNREADABLE', `the last line is torn: ${error.message}`, {
      cause: error,
      hint: 'the run was interrupted while writing this line; the next run into this file moves the line aside',
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
      hint: 'give a JSONL file that a run wrote, by default one in benchmarking/',
    })
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'no permission to read it',
}

const MAX_SHOWN = 10

/** Lines of results files that are not rows. Keeps the first ones and counts them all. */
export class DamagedLines {
  count = 0
  readonly first: RowProblem[] = []
  /** How many of them are git's conflict markers. */
  markers = 0
  readonly #show: ((line: string) => void) | undefined

  /** @param show prints the first ones as they are found */
  constructor(show?: (line: string) => void) {
    this.#show = show
  }

  /** For `ReadOptions`. */
  readonly onProblem = (problem: RowProblem): void => {
    this.count++
    if (problem.isMarker) this.markers++
    if (this.count > MAX_SHOWN) return
    this.first.push(problem)
    this.#show?.(`${placeOf(problem)}: ${formatError(problem.error)}`)
  }

  /** Whether a file holds both sides of a merge, separated by git's conflict markers. */
  get hasMarkers(): boolean {
    return this.markers > 0
  }

  /** `3 unreadable lines left out`; null if there are none. */
  describe(): string | null {
    if (!this.count) return null
    const markers = this.hasMarkers ? ", git's conflict markers among them: both sides of a merge count" : ''
    return `${countOf(this.count, 'unreadable line')} left out${markers}`
  }

  /** One error that lists them. */
  refuse(what: string): ProvemarkError {
    const lines = this.first.map((problem) => `  - ${placeOf(problem)}: ${problem.error.message}`)
    const more = this.count - lines.length
    return new ProvemarkError(
      'ROWS_UNREADABLE',
      `${what}: ${this.count === 1 ? 'a line is not a row' : `${this.count} lines are not rows`}\n${lines.join('\n')}${more ? `\n  and ${more} more` : ''}`,
      { hint: this.hasMarkers ? MERGE_HINT : 'remove the damaged lines, or create the file again' },
    )
  }
}

const MERGE_HINT = 'resolve the merge: keep the lines of one side, then run npx provemark baseline update'

const placeOf = ({ file, line }: RowProblem) => `${file}:${line}`
