import { HeadTail } from './head-tail.ts'
import { KeptLines } from './kept-lines.ts'
import { LineScanner } from './line-scanner.ts'
import { readTail } from './tail.ts'

const HEAD_BYTES = 256 * 1024
const TAIL_BYTES = 1024 * 1024

export interface OutputOptions {
  /** Lines to keep even where they fall into the part that is dropped. */
  keep?: RegExp | undefined
  /** Sees every line; long ones in pieces. */
  onLine?: ((line: string) => void) | undefined
}

/** Output of a process in bounded memory: its head, its tail, and the lines between them that matter. */
export class OutputCollector {
  readonly #bytes = new HeadTail(HEAD_BYTES, TAIL_BYTES)
  readonly #kept: KeptLines | undefined
  readonly #scanner: LineScanner | undefined

  constructor({ keep, onLine }: OutputOptions) {
    if (!keep && !onLine) return
    this.#kept = keep && new KeptLines(keep, HEAD_BYTES)
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

  /** What there was; where some is left out, a line that says how much, and then the kept lines of that part. */
  text(): string {
    const dropped = this.#bytes.dropped
    if (dropped.to === dropped.from) return this.#whole().toString()
    const head = this.#bytes.head().toString()
    const tail = this.#bytes.tail().toString()
    const kept = this.#kept?.between(dropped, head, tail) ?? []
    return [head, `[provemark: ${dropped.to - dropped.from} bytes left out]`, ...kept, tail].join('\n')
  }

  /** The last lines, as a person reads them. */
  tail(): string {
    const { from, to } = this.#bytes.dropped
    return readTail(to === from ? this.#whole() : this.#bytes.tail())
  }

  #whole(): Buffer {
    return Buffer.concat([this.#bytes.head(), this.#bytes.tail()])
  }
}
