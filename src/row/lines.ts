import { createReadStream } from 'node:fs'

/** The longest line that can be a row. Longer lines are skipped without being held in memory. */
export const MAX_LINE_BYTES = 4 * 2 ** 20

export interface Line {
  /** Starts at 1. */
  number: number
  /** Position of its first byte in the file. */
  start: number
  /** Null if the line is longer than `MAX_LINE_BYTES`. */
  text: string | null
  /** False for what follows the last newline of the file. */
  ended: boolean
}

/** The lines of a file whose first byte is at or after `from` and before `to`. */
export interface Part {
  from: number
  to: number
  /** Number of the line that holds the byte before `from`; 1 if line numbers are not needed. */
  line?: number
}

const PIECE_BYTES = 2 ** 18
const NEWLINE = 0x0a

/**
 * Yields the lines of a file in batches, one per chunk read, so that a million rows cost few awaits. Lines are created
 * on demand, so that only one chunk and one line are in memory at a time.
 */
export async function* readLines(path: string, part: Part = WHOLE): AsyncGenerator<Iterable<Line>> {
  const cutter = new LineCutter(part)
  // A pipe cannot be read from a given position, not even from 0.
  const start = cutter.position > 0 ? { start: cutter.position } : {}
  const pieces: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: PIECE_BYTES, ...start })
  for await (const piece of pieces) {
    const lines = cutter.cut(piece)
    yield lines
    for (const _ of lines); // lines that the caller did not consume still count
    if (cutter.position >= part.to) return
  }
  yield cutter.end()
}

const WHOLE: Part = { from: 0, to: Infinity }

class LineCutter {
  /** Where the next line starts. */
  position: number
  #number: number
  readonly #part: Part
  /** The line that has not ended yet, in chunks. */
  #begun: Buffer[] = []
  #begunBytes = 0

  constructor(part: Part) {
    // The byte before the part shows whether a line starts at its first byte.
    this.position = Math.max(0, part.from - 1)
    this.#number = part.line ?? 1
    this.#part = part
  }

  *cut(piece: Buffer): Generator<Line> {
    let start = 0
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, start)) {
      const line = this.#take(piece, start, end, true)
      if (this.#isAsked(line)) yield line
      start = end + 1
    }
    this.#begunBytes += piece.length - start
    if (this.#begunBytes > MAX_LINE_BYTES) this.#begun = []
    else if (start < piece.length) this.#begun.push(piece.subarray(start))
  }

  *end(): Generator<Line> {
    if (this.#begunBytes === 0) return
    const line = this.#take(Buffer.alloc(0), 0, 0, false)
    if (this.#isAsked(line)) yield line
  }

  #isAsked({ start }: Line): boolean {
    return start >= this.#part.from && start < this.#part.to
  }

  #take(piece: Buffer, from: number, to: number, ended: boolean): Line {
    const bytes = this.#begunBytes + to - from
    const start = this.position
    this.position += bytes + 1
    const text = bytes > MAX_LINE_BYTES ? null : this.#decode(piece, from, to)
    this.#begun = []
    this.#begunBytes = 0
    return { number: this.#number++, start, text, ended }
  }

  #decode(piece: Buffer, from: number, to: number): string {
    if (this.#begun.length === 0) return piece.toString('utf8', from, to)
    return Buffer.concat([...this.#begun, piece.subarray(from, to)]).toString('utf8')
  }
}
