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

/** The lines of a file whose first byte is at `from` or behind it, and before `to`. */
export interface Part {
  from: number
  to: number
  /** Number of the line that holds the byte before `from`; 1 where nobody asks for numbers. */
  line?: number
}

const PIECE_BYTES = 2 ** 18
const NEWLINE = 0x0a

/**
 * Lines of a file as batches, one for each piece that is read, so that a million rows cost few awaits. A line is made
 * when it is asked for, so that all that lives of a file are a piece and a line.
 */
export async function* readLines(path: string, part: Part = WHOLE): AsyncGenerator<Iterable<Line>> {
  const cutter = new LineCutter(part)
  // A pipe cannot be read from any place, not even from its start.
  const start = cutter.position > 0 ? { start: cutter.position } : {}
  const pieces: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: PIECE_BYTES, ...start })
  for await (const piece of pieces) {
    const lines = cutter.cut(piece)
    yield lines
    for (const _ of lines); // what was not asked for counts all the same
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
  /** The line that has not ended yet. */
  #begun: Buffer[] = []
  #begunBytes = 0

  constructor(part: Part) {
    // The byte before tells whether a line starts with the part.
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
