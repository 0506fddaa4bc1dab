import { stripVTControlCharacters } from 'node:util'

const TAIL_LINES = 20
const TAIL_LINE_LENGTH = 500
/** Enough bytes for the last lines, escapes included; a progress bar may write far more. */
const TAIL_BYTES = 64 * 1024

/**
 * Last lines of an output as a terminal would show them: no colours, and of a line that a progress bar wrote again
 * and again only its last state. At most 20 lines of 500 characters.
 */
export function readTail(bytes: Buffer): string {
  const text = stripVTControlCharacters(bytes.subarray(-TAIL_BYTES).toString())
  return text
    .split(/\r?\n/)
    .map((line) => line.split('\r').findLast((state) => state.trim() !== '') ?? '')
    .filter((line) => line.trim() !== '')
    .slice(-TAIL_LINES)
    .map((line) => (line.length > TAIL_LINE_LENGTH ? `${line.slice(0, TAIL_LINE_LENGTH)}…` : line).trimEnd())
    .join('\n')
}
