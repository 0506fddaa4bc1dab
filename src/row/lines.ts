import { createReadStream } from 'node:fs'

/** The longest line that can be a row; a longer one is passed over without being held in memory. */
export const MAX_LINE_BYTES = 4 * 2 ** 20

export interface Line {
  /** From 1. */
  number: number
  /** Position of its first byte in the file. */
  start: number
  /** Null where the line is longer than `MAX_LINE_BYTES`. */
  text: string | null
  /** False for what stands behind the last newline of the file. */
  ended: boolean
}

const NEWLINE = 0x0a

/** Lines of a file as batches, one for each piece that is read, so that a million rows cost few awaits. */
export async function* readLines(path: string): AsyncGenerator<Line[]> {
  let number = 1
  let pieces: Buffer[] = [] // the line that has not ended yet
  let length = 0
  let position = 0
  const take = (last: Buffer | null, ended: boolean): Line => {
    const total = length + (last?.length ?? 0)
    const tooLong = total > MAX_LINE_BYTES
    const start = position
    position += total + 1
    const bytes = last && pieces.length === 0 ? last : Buffer.concat(last ? [...pieces, last] : pieces)
    pieces = []
    length = 0
    return { number: number++, start, text: tooLong ? null : bytes.toString('utf8'), ended }
  }
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>) {
    const lines: Line[] = []
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(take(chunk.subarray(start, end), true))
      start = end + 1
    }
    length += chunk.length - start
    if (length > MAX_LINE_BYTES) pieces = []
    else if (start < chunk.length) pieces.push(chunk.subarray(start))
    yield lines
  }
  if (length > 0) yield [take(null, false)]
}
