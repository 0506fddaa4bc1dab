import { appendFileSync, closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { MAX_LINE_BYTES } from './lines.ts'

/** A torn line that was moved out of a results file. */
export interface MendedLine {
  file: string
  /** File next to it that now holds the torn line. */
  side_file: string
  bytes: number
}

const NEWLINE = 0x0a
const SPACE = 0x20
const MAX_LOOKS = 100

/** Whether a file has anything after its last newline. */
export function endsTorn(fd: number, size: number): boolean {
  if (size === 0) return false
  const last = Buffer.alloc(1)
  return readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE
}

/**
 * Moves a torn last line from a results file into a file next to it. Blanks, which readers skip, take its place.
 * Nothing else is moved or cut, so rows that other processes append meanwhile are safe; after a kill in the middle, the
 * next call finishes the job. Null if the last line is whole, or is not part of a row (then the file is left alone).
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

/** Overwrites the bytes from `start` to `end` with blanks. */
export function blank(file: string, start: number, end: number): void {
  const fd = openSync(file, 'r+') // not append mode, which writes at the end whatever the position
  try {
    writeSync(fd, Buffer.alloc(end - start, SPACE), 0, end - start, start)
  } finally {
    closeSync(fd)
  }
}

/**
 * Where a torn last line ends; null if the last line is not torn. A line may look torn because another process is just
 * writing it. The system serializes writes to a file, so an empty write waits for that one, and afterwards the file has
 * grown.
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

/** The bytes between the last newline before `end` and `end`; null if there are too many for a row. */
export function readLastLine(fd: number, end: number): Buffer | null {
  const start = Math.max(0, end - MAX_LINE_BYTES)
  const bytes = Buffer.alloc(end - start)
  const read = readSync(fd, bytes, 0, bytes.length, start)
  const newline = bytes.subarray(0, read).lastIndexOf(NEWLINE)
  if (newline === -1 && start > 0) return null
  return bytes.subarray(newline + 1, read)
}

// A row starts with a brace. A power loss leaves zeros.
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
