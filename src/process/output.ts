import { stripVTControlCharacters } from 'node:util'
import type { ProcessSpec } from './spec.ts'
import { HeadTail, LineScanner, type Span } from './stream.ts'

const HEAD_BYTES = 256 * 1024
const TAIL_BYTES = 1024 * 1024

/** Output of a process in bounded memory: its head, its tail, and the lines in between that have to be kept. */
export class OutputCollector {
  readonly #bytes = new HeadTail(HEAD_BYTES, TAIL_BYTES)
  readonly #kept: KeptLines
  readonly #scanner: LineScanner | undefined

  constructor({ keepLines = [], onLine }: Pick<ProcessSpec, 'keepLines' | 'onLine'>) {
    this.#kept = new KeptLines(keepLines)
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
    const gap = `[provemark: ${dropped.to - dropped.from} bytes left out]`
    const [head, tail] = [this.#bytes.head(), this.#bytes.tail()].map(String)
    return [head, gap, ...this.#kept.within(dropped), tail].join('\n')
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

  constructor(patterns: readonly RegExp[]) {
    this.#patterns = patterns.map((pattern) => ({ pattern, first: [], last: [], cut: undefined }))
  }

  take(line: string, span: Span): void {
    // The head is kept anyway.
    if (!this.#patterns.length || span.to <= HEAD_BYTES) return
    // There may be colour codes between a name and its figure.
    const plain = stripVTControlCharacters(line)
    for (const own of this.#patterns) {
      // Unlike `test`, `search` ignores where a global expression stopped the last time.
      const at = plain.search(own.pattern)
      if (at < 0) continue
      // Places in a line with colour codes are not known to the byte, so it belongs to all that it spans.
      const cut = line.length <= MOST_LENGTH ? { ...span, text: line } : cutAround(plain, at, span)
      const kept = plain === line ? cut : { ...cut, ...span }
      if (own.first.length < MOST_LINES) own.first.push(kept)
      else if (own.last.push(kept) > MOST_LINES) {
        const lost = own.last.shift()
        own.cut ??= lost
      }
      return
    }
  }

  /** The kept lines of the part that was dropped between head and tail, also those that it only cuts. */
  within(dropped: Span): string[] {
    return this.#patterns
      .flatMap(({ first, last }) => [...first, ...last])
      .filter(({ from, to }) => to > dropped.from && from < dropped.to)
      .toSorted((a, b) => a.from - b.from)
      .map(({ text }) => text)
  }

  /** An expression that matched a line in the dropped part that was not kept. */
  findCut(dropped: Span): RegExp | undefined {
    if (dropped.to === dropped.from) return undefined
    return this.#patterns.find(({ cut }) => cut && cut.from < dropped.to)?.pattern
  }
}

/** At most MOST_LENGTH of a line, including the match. */
function cutAround(line: string, index: number, { from }: Span): KeptLine {
  const start = Math.max(0, index - MOST_LENGTH / 4)
  const text = line.slice(start, start + MOST_LENGTH)
  const cutFrom = from + Buffer.byteLength(line.slice(0, start))
  return { text, from: cutFrom, to: cutFrom + Buffer.byteLength(text) }
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
