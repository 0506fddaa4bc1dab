import {
  createReadStream,
  appendFileSync,
  closeSync,
  fstatSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'

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

/** A torn line that was moved out of a results file. */
export interface MendedLine {
  file: string
  /** File next to it that now holds the torn line. */
  side_file: string
  bytes: number
}

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
  if (end === null || !piece || !looksTorn(piece.toString('utf8'))) return null
  const sideFile = `${file}.torn`
  appendFileSync(sideFile, Buffer.concat([piece, Buffer.of(NEWLINE)]))
  blank(file, end - piece.length, end)
  return { file, side_file: sideFile, bytes: piece.length }
}

/** Overwrites the bytes from `start` to `end` with blanks. */
export function blank(file: string, start: number, end: number): void {
  const blanks = Buffer.alloc(end - start, SPACE)
  // Not append mode, which writes at the end whatever the position.
  withFile(file, 'r+', (fd) => writeSync(fd, blanks, 0, blanks.length, start))
}

/** Opens a file for as long as it is used. */
export function withFile<Result>(path: string, flags: string, use: (fd: number) => Result): Result {
  const fd = openSync(path, flags)
  try {
    return use(fd)
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

/** Whether it is the beginning of a row, which starts with a brace, or the zeros that a power loss leaves. */
export function looksTorn(text: string): boolean {
  if (!/^\s*[{\0]/.test(text)) return false
  try {
    JSON.parse(text)
    return false
  } catch {
    return true
  }
}
