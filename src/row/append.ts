import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import { type Row, rowSchema } from './schema.ts'
import { blank, endsTorn, type MendedLine, mendTornLine, readLastLine } from './torn-line.ts'

interface AppendOptions {
  /** Waits until the row is on the disk itself, so that it outlives a loss of power. */
  fsync?: boolean
  /** Called where the file ended in the torn line of a run that was killed. */
  onMended?: (mended: MendedLine) => void
}

/**
 * Appends a row as one whole line, in one write, and returns when the system has it: a kill of this process later
 * on loses nothing. Folders are made as needed. Other processes may append to the same file at the same time.
 * Throws ROW_INVALID for a row that does not fit the schema and FILE_UNWRITABLE where the file does not take it.
 */
export function appendRow(path: string, row: Row, { fsync = false, onMended }: AppendOptions = {}): void {
  const line = formatRow(row)
  try {
    const fd = openForAppend(path)
    try {
      const mended = mendTornLine(path, fd)
      const isNew = fstatSync(fd).size === 0
      appendLine(path, fd, line)
      if (fsync) fsyncSync(fd)
      if (fsync && isNew) syncFolder(dirname(path))
      if (mended) onMended?.(mended)
    } finally {
      closeSync(fd)
    }
  } catch (cause) {
    if (cause instanceof ProvemarkError) throw cause
    throw new ProvemarkError(
      'FILE_UNWRITABLE',
      `cannot append a row to ${path}: ${(cause as Error).message}`,
      {
        cause,
        hint: 'see that its folder can be written and its disk is not full, or name another file with --results',
      },
    )
  }
}

/** A row as it stands in a file: the schema's fields in the schema's order, then all others, and a newline. */
export function formatRow(row: Row): string {
  const parsed = rowSchema.safeParse(row)
  if (parsed.success) return `${JSON.stringify(parsed.data)}\n`
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new ProvemarkError('ROW_INVALID', `a row does not fit its schema: ${issues.join('; ')}`, {
    hint: 'a prover or a track gave a value of the wrong type; docs/rows.md names the types',
  })
}

function openForAppend(path: string): number {
  try {
    return openSync(path, 'a+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    mkdirSync(dirname(path), { recursive: true })
    return openSync(path, 'a+')
  }
}

/** A new file is only there after a loss of power once its folder names it on the disk. */
function syncFolder(folder: string): void {
  // Windows opens no folders, and needs none of this.
  if (process.platform === 'win32') return
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/**
 * Writes the line in one write. Where the file then grew by that line alone, the line stands whole behind a newline.
 * Else another process wrote between the look and the write, and it may have been killed at that and left a piece of
 * its row before ours.
 */
function appendLine(path: string, fd: number, line: string): void {
  const before = fstatSync(fd).size
  // Whole JSON without its newline, or what is no row at all, is ended here and stays.
  const bytes = Buffer.from(endsTorn(fd, before) ? `\n${line}` : line)
  const written = writeSync(fd, bytes)
  if (written !== bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes were written`)
  const after = fstatSync(fd)
  if (after.isFile() && after.size !== before + bytes.length) detachLine(path, fd, line, before, after.size)
}

/** Blanks out the piece of a row, if any, that stands right before a line of ours between two sizes of the file. */
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
 * Looks whether rows can be appended to a file, or it and its folders can be made, without making anything: the first
 * compile of a sweep may take an hour before its row is written.
 * @throws ProvemarkError FILE_UNWRITABLE
 */
export function checkAppendable(path: string): void {
  let place = path
  try {
    while (!statSync(place, { throwIfNoEntry: false })) place = dirname(place)
    if (place !== path && !statSync(place).isDirectory()) throw new Error(`${place} is no folder`)
    if (place === path && statSync(place).isDirectory()) throw new Error('it is a folder')
    accessSync(place, constants.W_OK)
  } catch (cause) {
    throw new ProvemarkError(
      'FILE_UNWRITABLE',
      `cannot append a row to ${path}: ${(cause as Error).message}`,
      { cause, hint: 'name another file with --results' },
    )
  }
}
