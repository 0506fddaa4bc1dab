/** First and last bytes of a stream of any length, in bounded memory. */
export class HeadTail {
  #head: Buffer = Buffer.alloc(0)
  #headLength = 0
  #ring: Buffer = Buffer.alloc(0)
  #beyondHead = 0
  readonly #headLimit: number
  readonly #tailLimit: number

  constructor(headLimit: number, tailLimit: number) {
    this.#headLimit = headLimit
    this.#tailLimit = tailLimit
  }

  /** Range of offsets that was dropped: [from, to), empty if nothing was. */
  get dropped(): { from: number; to: number } {
    return {
      from: this.#headLength,
      to: this.#headLength + Math.max(0, this.#beyondHead - this.#tailLimit),
    }
  }

  write(chunk: Uint8Array): void {
    const room = this.#headLimit - this.#headLength
    if (room > 0) this.#fillHead(chunk.subarray(0, room))
    if (chunk.length > room) this.#fillRing(chunk.subarray(room))
  }

  head(): Buffer {
    return this.#head.subarray(0, this.#headLength)
  }

  /** The last bytes that are not part of the head. */
  tail(): Buffer {
    if (this.#beyondHead <= this.#tailLimit) return this.#ring.subarray(0, this.#beyondHead)
    const start = this.#beyondHead % this.#tailLimit
    return Buffer.concat([this.#ring.subarray(start), this.#ring.subarray(0, start)])
  }

  #fillHead(bytes: Uint8Array): void {
    const length = this.#headLength + bytes.length
    this.#head = grow(this.#head, length, this.#headLimit)
    this.#head.set(bytes, this.#headLength)
    this.#headLength = length
  }

  #fillRing(bytes: Uint8Array): void {
    const skipped = Math.max(0, bytes.length - this.#tailLimit)
    const kept = bytes.subarray(skipped)
    const at = (this.#beyondHead + skipped) % this.#tailLimit
    this.#beyondHead += bytes.length
    this.#ring = grow(this.#ring, Math.min(this.#beyondHead, this.#tailLimit), this.#tailLimit)
    const untilEnd = kept.subarray(0, this.#tailLimit - at)
    this.#ring.set(untilEnd, at)
    this.#ring.set(kept.subarray(untilEnd.length), 0)
  }
}

/** Doubles, so that a stream of single bytes does not copy for each byte. */
function grow(buffer: Buffer, length: number, limit: number): Buffer {
  if (length <= buffer.length) return buffer
  const grown = Buffer.alloc(Math.min(limit, Math.max(length, buffer.length * 2, 4096)))
  buffer.copy(grown)
  return grown
}

/** Longest line that is passed on whole, in bytes; a longer one comes in overlapping pieces. */
const MAX_LINE = 65_536
/** Overlap of the pieces of a long line, so that one of them contains a short match whole. */
const OVERLAP = 1024

/** Range of bytes [from, to) of a stream. */
export interface Span {
  from: number
  to: number
}

/**
 * Splits a byte stream into lines (\n, \r\n, or \r as written by progress bars) and passes each to `onLine`. Holds at
 * most one line of bounded length.
 */
export class LineScanner {
  readonly #onLine: (line: string, span: Span) => void
  /** A character for each byte, so that offsets are exact and no character is cut between chunks. */
  #rest = ''
  #restFrom = 0

  constructor(onLine: (line: string, span: Span) => void) {
    this.#onLine = onLine
  }

  write(chunk: Buffer): void {
    const bytes = chunk.toString('latin1')
    this.#rest += bytes
    // A line that arrives byte by byte is only examined once it is complete.
    if (/[\r\n]/.test(bytes)) this.#split()
    while (this.#rest.length > MAX_LINE) {
      this.#pass(this.#rest.slice(0, MAX_LINE))
      this.#rest = this.#rest.slice(MAX_LINE - OVERLAP)
      this.#restFrom += MAX_LINE - OVERLAP
    }
  }

  /** The last line may have no newline. */
  end(): void {
    if (this.#rest) this.#pass(this.#rest)
    this.#rest = ''
  }

  #split(): void {
    let at = 0
    const lines = this.#rest.split(/\r?\n|\r/)
    const last = lines.pop()!
    for (const line of lines) {
      this.#pass(line, at)
      at += line.length
      at += this.#rest.startsWith('\r\n', at) ? 2 : 1
    }
    this.#rest = last
    this.#restFrom += at
  }

  #pass(bytes: string, at = 0): void {
    const from = this.#restFrom + at
    const line = /[\u0080-\u00FF]/.test(bytes) ? Buffer.from(bytes, 'latin1').toString() : bytes
    this.#onLine(line, { from, to: from + bytes.length })
  }
}
