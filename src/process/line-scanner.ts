import { StringDecoder } from 'node:string_decoder'

/** Longest line that is handed over whole; a longer one comes in pieces that overlap. UTF-16 units. */
const MAX_LINE = 65_536
/** Pieces of a long line share this much, so that a short match is whole in one of them. */
const OVERLAP = 1024

/** Bytes [from, to) of the stream that a line lies in, to the precision of the chunks that it came in. */
export interface Span {
  from: number
  to: number
}

/**
 * Splits a byte stream into lines (\n, \r\n, or \r as progress bars write it) and hands each to `onLine`. Holds at
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
    // A line that comes byte by byte is only looked at once its end is there.
    if (/[\r\n]/.test(text)) this.#split(to)
    while (this.#rest.length > MAX_LINE) {
      this.#onLine(this.#rest.slice(0, MAX_LINE), { from: this.#restFrom, to })
      this.#rest = this.#rest.slice(MAX_LINE - OVERLAP)
    }
    this.#offset = to
  }

  /** The last line may lack its newline. */
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
