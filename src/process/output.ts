import { stripVTControlCharacters } from 'node:util'
import { HeadTail, LineScanner, type Span } from './stream.ts'

const HEAD_BYTES = 256 * 1024
const TAIL_BYTES = 1024 * 1024

export interface OutputOptions {
  /** Lines that match one of these are kept even if they are in the part that is dropped. */
  keepLines?: readonly RegExp[] | undefined
  /** Gets every line; long ones in pieces. */
  onLine?: ((line: string) => void) | undefined
}

/** Output of a process in bounded memory: its head, its tail, and the lines in between that have to be kept. */
export class OutputCollector {
  readonly #bytes = new HeadTail(HEAD_BYTES, TAIL_BYTES)
  readonly #kept: KeptLines
  readonly #scanner: LineScanner | undefined

  constructor({ keepLines = [], onLine }: OutputOptions) {
    this.#kept = new KeptLines(keepLines, HEAD_BYTES)
    if (!keepLines.length && !onLine) return
    this.#scanner = new LineScanner((line, span) => {
      onLine?.(line)
      this.#kept.take(line, span)
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
    const [head, tail] = [this.#bytes.head(), this.#bytes.tail()]
    const kept = this.#kept.between(dropped, head, tail)
    const gap = `[provemark: ${dropped.to - dropped.from} bytes left out]`
    return [head.toString(), gap, ...kept, tail.toString()].join('\n')
  }

  /** Which of the lines to keep are missing from its text. */
  warnings(): string[] {
    const pattern = this.#kept.findCut(this.#bytes.dropped)
    if (!pattern) return []
    return [`more than ${2 * MOST_LINES} lines of the output match ${String(pattern)}: some were left out`]
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

/**
 * Of the lines that match an expression, only the first and the last are kept: this many of each, and this much of each
 * line.
 */
const MOST_LINES = 500
const MOST_LENGTH = 2048

interface KeptLine extends Span {
  /** Its place among the kept lines. */
  index: number
  text: string
}

interface KeptForPattern {
  pattern: RegExp
  first: KeptLine[]
  last: KeptLine[]
  /** The first line that was not kept. */
  cut: Span | undefined
}

/** Lines of a long output that match one of several expressions, in bounded memory. */
class KeptLines {
  readonly #patterns: readonly KeptForPattern[]
  readonly #headBytes: number
  #count = 0

  /** @param headBytes size of the head that is kept anyway, so that its lines need not be */
  constructor(patterns: readonly RegExp[], headBytes: number) {
    this.#patterns = patterns.map((pattern) => ({ pattern, first: [], last: [], cut: undefined }))
    this.#headBytes = headBytes
  }

  take(line: string, span: Span): void {
    if (!this.#patterns.length || span.to <= this.#headBytes) return
    // There may be colour codes between a name and its figure.
    const plain = stripVTControlCharacters(line)
    for (const own of this.#patterns) {
      // Unlike `test`, `search` ignores where a global expression stopped the last time.
      const at = plain.search(own.pattern)
      if (at < 0) continue
      const kept = {
        ...span,
        index: this.#count++,
        text: line.length <= MOST_LENGTH ? line : cutAround(plain, at),
      }
      if (own.first.length < MOST_LINES) own.first.push(kept)
      else if (own.last.push(kept) > MOST_LINES) {
        const lost = own.last.shift()
        own.cut ??= lost
      }
      return
    }
  }

  /** The kept lines of the part that was dropped between head and tail. */
  between(dropped: Span, head: Buffer, tail: Buffer): string[] {
    const lines = this.#patterns
      .flatMap(({ first, last }) => [...first, ...last])
      .toSorted((a, b) => a.index - b.index)
      .filter(({ from }) => from < dropped.to)
    // A chunk may begin in the head or end in the tail: comparing lines in order shows which of them are there.
    let headFrom = 0
    const beyondHead = lines.filter(({ from, text }) => {
      const at = from < dropped.from ? head.indexOf(text, Math.max(headFrom, from)) : -1
      if (at >= 0) headFrom = at + Buffer.byteLength(text)
      return at < 0
    })
    let tailTo = tail.length
    const reversed = beyondHead.toReversed().filter(({ to, text }) => {
      const room = Math.min(tailTo, to - dropped.to) - Buffer.byteLength(text)
      const at = room >= 0 ? tail.lastIndexOf(text, room) : -1
      if (at >= 0) tailTo = at
      return at < 0
    })
    return reversed.toReversed().map(({ text }) => text)
  }

  /** An expression that matched a line in the dropped part that was not kept. */
  findCut(dropped: Span): RegExp | undefined {
    if (dropped.to === dropped.from) return undefined
    return this.#patterns.find(({ cut }) => cut && cut.from < dropped.to)?.pattern
  }
}

/** At most MOST_LENGTH of a line, including the match. */
function cutAround(line: string, index: number): string {
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
