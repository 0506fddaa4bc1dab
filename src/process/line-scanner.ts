import { StringDecoder } from 'node:string_decoder'

/** Longest line that is passed on whole, in UTF-16 units; a longer one comes in overlapping pieces. */
const MAX_LINE = 65_536
/** Overlap of the pieces of a long line, so that one of them contains a short match whole. */
const OVERLAP = 1024

/** Range of bytes [from, to) of the stream that contains a line, as precise as the chunks it came in. */
export interface Span {
  from: number
  to: number
}

/**
 * Splits a byte stream into lines (\n, \r\n, or \r as written by progress bars) and passes each to `onLine`. Holds at
 * most one line of bounded length.
 */
export class LineScanner {
  readonly #decoder = new StringDecoder('utf8')
  readonly #onLine: (line: string, span: Span) => void
  #rest = ''
  #restFrom = 0
  #offset = 0

  constructor(onLine: (line: string, span: Span) => void) {
    this.#onLine = onLine
  }

  write(chunk: Buffer): void {
    const text = this.#decoder.write(chunk)
    const to = this.#offset + chunk.length
    this.#rest += text
    // A line that arrives byte by byte is only examined once it is complete.
    if (/[\r\n]/.test(text)) this.#split(to)
    while (this.#rest.length > MAX_LINE) {
      this.#onLine(this.#rest.slice(0, MAX_LINE), { from: this.#restFrom, to })
      this.#rest = this.#rest.slice(MAX_LINE - OVERLAP)
    }
    this.#offset = to
  }

  /** The last line may have no newline. */
  end(): void {
    const last = this.#rest + this.#decoder.end()
    this.#rest = ''
    if (last) this.#onLine(last, { from: this.#restFrom, to: this.#offset })
  }

  #split(to: number): void {
    const lines = this.#rest.split(/\r?\n|\r/)
    this.#rest = lines.pop()!
    for (const line of lines) {
      this.#onLine(line, { from: this.#restFrom, to })
      this.#restFrom = this.#offset
    }
  }
}
