import {
  accessSync,
  appendFileSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import { type Row, rowSchema } from './schema.ts'
import { blank, endsTorn, type MendedLine, mendTornLine, readLastLine, readLines, withFile } from './lines.ts'
import { readLine } from './read.ts'

interface AppendOptions {
  /** Waits until the row is on disk, so that it survives a power loss. */
  fsync?: boolean
  /** Called when the file ended in a torn line, left by a run that was killed. */
  onMended?: (mended: MendedLine) => void
}

/**
 * Appends a row as one whole line in one write. Once this returns, the system has the row: killing this process loses
 * nothing. Creates missing folders. Other processes may append to the same file at the same time.
 * @throws ProvemarkError ROW_INVALID if the row does not fit the schema, FILE_UNWRITABLE if the file cannot be written
 */
export function appendRow(path: string, row: Row, { fsync = false, onMended }: AppendOptions = {}): void {
  const line = formatRow(row)
  let mended: MendedLine | null
  try {
    if (!existsSync(path)) mkdirSync(dirname(path), { recursive: true })
    mended = withFile(path, 'a+', (fd) => {
      const torn = mendTornLine(path, fd)
      const isNew = fstatSync(fd).size === 0
      appendLine(path, fd, line)
      if (fsync) fsyncSync(fd)
      if (fsync && isNew) syncFolder(dirname(path))
      return torn
    })
  } catch (cause) {
    throw refuse(`append a row to ${path}`, cause, `${FULL_HINT}, or choose another file with --results`)
  }
  if (mended) onMended?.(mended)
}

const FULL_HINT = 'check that its folder is writable and its disk is not full'

/** The error for a file operation that failed. */
function refuse(what: string, cause: unknown, hint: string): ProvemarkError {
  return new ProvemarkError('FILE_UNWRITABLE', `cannot ${what}: ${(cause as Error).message}`, { cause, hint })
}

/** A row as a line of a file: the schema's fields in schema order, then the others, then a newline. */
export function formatRow(row: Row): string {
  const parsed = rowSchema.safeParse(row)
  if (parsed.success) return `${JSON.stringify(parsed.data)}\n`
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new ProvemarkError('ROW_INVALID', `a row does not fit its schema: ${issues.join('; ')}`, {
    hint: 'a prover or a track returned a value of the wrong type; docs/rows.md lists the types',
  })
}

/** A new file survives a power loss only if its folder entry is on disk too. */
function syncFolder(folder: string): void {
  // Windows cannot open folders and does not need this.
  if (process.platform !== 'win32') withFile(folder, 'r', fsyncSync)
}

/**
 * Writes the line in one write. If the file grew by exactly that line, the line is whole and follows a newline.
 * Otherwise another process wrote between the check and the write. It may have been killed doing so and left a torn row
 * in front of this one.
 */
function appendLine(path: string, fd: number, line: string): void {
  const before = fstatSync(fd).size
  // A last line that is whole JSON, or no row at all, only lacks its newline: add it and keep the line.
  const bytes = Buffer.from(endsTorn(fd, before) ? `\n${line}` : line)
  const written = writeSync(fd, bytes)
  if (written !== bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes were written`)
  const after = fstatSync(fd)
  if (after.isFile() && after.size !== before + bytes.length) detachLine(path, fd, line, before, after.size)
}

/**
 * Blanks out a torn row, if there is one, right before the line that was just written between two sizes of the file.
 */
function detachLine(path: string, fd: number, line: string, from: number, to: number): void {
  const grown = Buffer.alloc(to - from)
  readSync(fd, grown, 0, grown.length, from)
  const at = grown.lastIndexOf(line)
  if (at === -1) throw new Error('the row does not stand in the file after it was written')
  const start = from + at
  const piece = readLastLine(fd, start)
  if (piece && piece.length > 0) blank(path, start - piece.length, start)
}

/**
 * Checks that rows can be appended to a file, or that it and its folders can be created, without creating anything. The
 * first compile of a sweep may take an hour before its row is written.
 * @throws ProvemarkError FILE_UNWRITABLE
 */
export function checkAppendable(path: string): void {
  let place = path
  try {
    while (!statSync(place, { throwIfNoEntry: false })) place = dirname(place)
    if (place !== path && !statSync(place).isDirectory()) throw new Error(`${place} is not a folder`)
    if (place === path && statSync(place).isDirectory()) throw new Error('it is a folder')
    accessSync(place, constants.W_OK)
  } catch (cause) {
    throw refuse(`append a row to ${path}`, cause, 'choose another file with --results')
  }
}

/**
 * Moves rows from a results file into a file next to it. Blanks, which readers skip, take their place. The rest of the
 * file is not moved or cut, so rows that other processes append meanwhile are safe. A kill in the middle leaves a row
 * in both files, never in neither.
 * @returns how many rows were moved
 * @throws ProvemarkError FILE_UNWRITABLE, in which case no row has left the results file
 */
export async function takeOutRows(
  file: string,
  sideFile: string,
  isTaken: (row: Row) => boolean,
): Promise<number> {
  const taken: { start: number; text: string }[] = []
  for await (const lines of readLines(file)) {
    for (const line of lines) {
      const row = readLine(file, line)
      if (row && isTaken(row)) taken.push({ start: line.start, text: line.text! })
    }
  }
  if (taken.length) appendWhole(sideFile, taken.map(({ text }) => `${text}\n`).join(''))
  for (const { start, text } of taken) blankLine(file, start, Buffer.from(text))
  return taken.length
}

/** Appends all of it, or throws. A kill during an earlier append may have left a torn row. */
function appendWhole(file: string, text: string): void {
  try {
    withFile(file, 'a+', (fd) => {
      // One `writeSync` may write only a part, for example on a nearly full disk.
      appendFileSync(fd, endsTorn(fd, fstatSync(fd).size) ? `\n${text}` : text)
      fsyncSync(fd)
    })
  } catch (cause) {
    throw refuse(`put rows that run again into ${file}`, cause, FULL_HINT)
  }
}

/** Another process may have replaced the file since it was read. */
function blankLine(file: string, start: number, bytes: Buffer): void {
  const found = Buffer.alloc(bytes.length)
  withFile(file, 'r', (fd) => readSync(fd, found, 0, found.length, start))
  if (found.equals(bytes)) blank(file, start, start + bytes.length)
}
