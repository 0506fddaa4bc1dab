import { appendFileSync, closeSync, fstatSync, fsyncSync, openSync, readSync } from 'node:fs'
import { ProvemarkError } from '../errors.ts'
import { readLines } from './lines.ts'
import { parseRow } from './read.ts'
import type { Row } from './schema.ts'
import { blank, endsTorn } from './torn-line.ts'

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
    for (const { text, start } of lines) {
      const row = text ? tryParse(text) : undefined
      if (row && isTaken(row)) taken.push({ start, text: text! })
    }
  }
  if (taken.length) appendWhole(sideFile, taken.map(({ text }) => `${text}\n`).join(''))
  for (const { start, text } of taken) blankLine(file, start, Buffer.from(text))
  return taken.length
}

function tryParse(text: string): Row | undefined {
  try {
    return parseRow(text)
  } catch {
    return undefined
  }
}

/** Appends all of it, or throws. A kill during an earlier append may have left a torn row. */
function appendWhole(file: string, text: string): void {
  try {
    const fd = openSync(file, 'a+')
    try {
      // One `writeSync` may write only a part, for example on a nearly full disk.
      appendFileSync(fd, endsTorn(fd, fstatSync(fd).size) ? `\n${text}` : text)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  } catch (cause) {
    throw new ProvemarkError(
      'FILE_UNWRITABLE',
      `cannot put rows that run again into ${file}: ${(cause as Error).message}`,
      {
        cause,
        hint: 'check that its folder is writable and its disk is not full',
      },
    )
  }
}

/** Another process may have replaced the file since it was read. */
function blankLine(file: string, start: number, bytes: Buffer): void {
  const fd = openSync(file, 'r')
  const found = Buffer.alloc(bytes.length)
  try {
    readSync(fd, found, 0, found.length, start)
  } finally {
    closeSync(fd)
  }
  if (found.equals(bytes)) blank(file, start, start + bytes.length)
}
