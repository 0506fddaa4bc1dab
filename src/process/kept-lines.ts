import type { Span } from './line-scanner.ts'

/** The first and the last of the lines are kept, this many each, and this much of each. */
const MOST_LINES = 500
const MOST_LENGTH = 2048

interface KeptLine extends Span {
  text: string
}

/** Lines of a long output that match an expression, in bounded memory. */
export class KeptLines {
  readonly #keep: RegExp
  readonly #headBytes: number
  readonly #first: KeptLine[] = []
  readonly #last: KeptLine[] = []

  /** @param headBytes what of the output is there anyway, so that its lines need not be kept */
  constructor(keep: RegExp, headBytes: number) {
    this.#keep = keep
    this.#headBytes = headBytes
  }

  take(line: string, span: Span): void {
    if (span.to <= this.#headBytes) return
    // A global or sticky expression remembers where it stopped.
    this.#keep.lastIndex = 0
    const match = this.#keep.exec(line)
    if (!match) return
    const kept = { ...span, text: cutAround(line, match.index) }
    if (this.#first.length < MOST_LINES) this.#first.push(kept)
    else if (this.#last.push(kept) > MOST_LINES) this.#last.shift()
  }

  /** Those of the part that was dropped between a head and a tail. */
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

/** At most MOST_LENGTH of a line, the place of the match inside. */
function cutAround(line: string, index: number): string {
  if (line.length <= MOST_LENGTH) return line
  const start = Math.max(0, index - MOST_LENGTH / 4)
  return line.slice(start, start + MOST_LENGTH)
}
