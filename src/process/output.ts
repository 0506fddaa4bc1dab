import { stripVTControlCharacters } from 'node:util'
import { HeadTail, LineScanner, type Span } from './stream.ts'

const HEAD_BYTES = 256 * 1024
const TAIL_BYTES = 1024 * 1024

export interface OutputOptions {
  /** Lines to keep even if they are in the part that is dropped. */
  keepLines?: RegExp | undefined
  /** Gets every line; long ones in pieces. */
  onLine?: ((line: string) => void) | undefined
}

/** Output of a process in bounded memory: its head, its tail, and the lines in between that matter. */
export class OutputCollector {
  readonly #bytes = new HeadTail(HEAD_BYTES, TAIL_BYTES)
  readonly #kept: KeptLines | undefined
  readonly #scanner: LineScanner | undefined

  constructor({ keepLines, onLine }: OutputOptions) {
    if (!keepLines && !onLine) return
    this.#kept = keepLines && new KeptLines(keepLines, HEAD_BYTES)
    this.#scanner = new LineScanner((line, span) => {
      onLine?.(line)
      this.#kept?.take(line, span)
    })
  }

  write(chunk: Buffer): void {
    this.#bytes.write(chunk)
    this.#scanner?.write(chunk)
  }

  end(): void {
    this.#scanner?.end()
  }

  /** The output; if part of it was dropped, a line that says how much, followed by the lines kept from that part. */
  text(): string {
    const dropped = this.#bytes.dropped
    if (dropped.to === dropped.from) return this.#whole().toString()
    const head = this.#bytes.head().toString()
    const tail = this.#bytes.tail().toString()
    const kept = this.#kept?.between(dropped, head, tail) ?? []
    return [head, `[provemark: ${dropped.to - dropped.from} bytes left out]`, ...kept, tail].join('\n')
  }

  /** The last lines, for people to read. */
  tail(): string {
    const { from, to } = this.#bytes.dropped
    return readTail(to === from ? this.#whole() : this.#bytes.tail())
  }

  #whole(): Buffer {
    return Buffer.concat([this.#bytes.head(), this.#bytes.tail()])
  }
}

/** Only the first and last matching lines are kept, this many each, and this much of each. */
const MOST_LINES = 500
const MOST_LENGTH = 2048

interface KeptLine extends Span {
  text: string
}

/** Lines of a long output that match an expression, in bounded memory. */
class KeptLines {
  readonly #keep: RegExp
  readonly #headBytes: number
  readonly #first: KeptLine[] = []
  readonly #last: KeptLine[] = []

  /** @param headBytes size of the head that is kept anyway, so that its lines need not be */
  constructor(keep: RegExp, headBytes: number) {
    this.#keep = keep
    this.#headBytes = headBytes
  }

  take(line: string, span: Span): void {
    if (span.to <= this.#headBytes) return
    // A global or sticky expression remembers its last position.
    this.#keep.lastIndex = 0
    const match = this.#keep.exec(line)
    if (!match) return
    const kept = { ...span, text: cutAround(line, match.index) }
    if (this.#first.length < MOST_LINES) this.#first.push(kept)
    else if (this.#last.push(kept) > MOST_LINES) this.#last.shift()
  }

  /** The kept lines of the part that was dropped between head and tail. */
  between(dropped: Span, head: string, tail: string): string[] {
    return [...this.#first, ...this.#last]
      .filter(({ from }) => from < dropped.to)
      .filter(
        ({ from, to, text }) =>
          !(from < dropped.from && head.includes(text)) && !(to > dropped.to && tail.includes(text)),
      )
      .map(({ text }) => text)
  }
}

/** At most MOST_LENGTH of a line, including the match. */
function cutAround(line: string, index: number): string {
  if (line.length <= MOST_LENGTH) return line
  const start = Math.max(0, index - MOST_LENGTH / 4)
  return line.slice(start, start + MOST_LENGTH)
}

const TAIL_LINES = 20
const TAIL_LINE_LENGTH = 500
/** Enough bytes for the last lines, escapes included; a progress bar may write far more. */
const LAST_LINES_BYTES = 64 * 1024

/**
 * Last lines of an output as a terminal would show them: no colours, and only the last state of a progress bar. At
 * most 20 lines of 500 characters.
 */
export function readTail(bytes: Buffer): string {
  const text = stripVTControlCharacters(bytes.subarray(-LAST_LINES_BYTES).toString())
  return text
    .split(/\r?\n/)
    .map((line) => line.split('\r').findLast((state) => state.trim() !== '') ?? '')
    .filter((line) => line.trim() !== '')
    .slice(-TAIL_LINES)
    .map((line) => (line.length > TAIL_LINE_LENGTH ? `${line.slice(0, TAIL_LINE_LENGTH)}…` : line).trimEnd())
    .join('\n')
}
