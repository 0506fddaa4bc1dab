import { appendFileSync, closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { MAX_LINE_BYTES } from './lines.ts'

/** A torn line that was taken out of a results file. */
export interface MendedLine {
  file: string
  /** File beside it that holds the torn piece now. */
  side_file: string
  bytes: number
}

const NEWLINE = 0x0a
const SPACE = 0x20
const MAX_LOOKS = 100

/** Whether a file holds something behind its last newline. */
export function endsTorn(fd: number, size: number): boolean {
  if (size === 0) return false
  const last = Buffer.alloc(1)
  return readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE
}

/**
 * Takes a torn last line out of a results file: the piece goes to a file beside it and blanks take its place, which
 * readers pass over. Nothing is moved or cut, so rows that other processes append meanwhile are safe, and a kill in
 * the middle leaves it to the next. Null where the last line is whole, or no piece of a row at all (then the file is
 * none of ours to change).
 */
export function mendTornLine(file: string, fd: number): MendedLine | null {
  const end = findTornEnd(fd)
  const piece = end === null ? null : readLastLine(fd, end)
  if (end === null || !piece || !looksTorn(piece)) return null
  const sideFile = `${file}.torn`
  appendFileSync(sideFile, Buffer.concat([piece, Buffer.of(NEWLINE)]))
  blank(file, end - piece.length, end)
  return { file, side_file: sideFile, bytes: piece.length }
}

/** Puts blanks over the bytes from `start` to `end`. */
export function blank(file: string, start: number, end: number): void {
  const fd = openSync(file, 'r+') // not for appending: that would write at the end whatever the position
  try {
    writeSync(fd, Buffer.alloc(end - start, SPACE), 0, end - start, start)
  } finally {
    closeSync(fd)
  }
}

/**
 * Where a file ends in a torn line, null where it does not. A line may look torn because another process is writing
 * it this moment; the system lets writes to a file pass one at a time, so a write of nothing waits for that one, and
 * the file has grown behind it.
 */
function findTornEnd(fd: number): number | null {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const { size } = fstatSync(fd)
    if (!endsTorn(fd, size)) return null
    writeSync(fd, Buffer.alloc(0))
    if (fstatSync(fd).size === size) return size
  }
  return null
}

/** The bytes between the last newline before `end` and `end`; null where they are too many for a row. */
export function readLastLine(fd: number, end: number): Buffer | null {
  const start = Math.max(0, end - MAX_LINE_BYTES)
  const bytes = Buffer.alloc(end - start)
  const read = readSync(fd, bytes, 0, bytes.length, start)
  const newline = bytes.subarray(0, read).lastIndexOf(NEWLINE)
  if (newline === -1 && start > 0) return null
  return bytes.subarray(newline + 1, read)
}

// A row starts with a brace; a loss of power leaves zeros.
function looksTorn(piece: Buffer): boolean {
  const text = piece.toString('utf8')
  if (!/^\s*[{\0]/.test(text)) return false
  try {
    JSON.parse(text)
    return false
  } catch {
    return true
  }
}
