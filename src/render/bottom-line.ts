import stringWidth from 'fast-string-width'

type Write = typeof process.stdout.write

/** The last line of a terminal, drawn again and again below all that is printed, on either stream. */
export class BottomLine {
  readonly #stream = process.stdout
  readonly #original = new Map<NodeJS.WriteStream, Write>()
  #width = 0

  /** From now on whatever is printed goes above the line: it is taken away first, and drawn again by the next draw. */
  open(): void {
    for (const stream of [process.stdout, process.stderr]) {
      // A file or a pipe has no such line.
      if (!stream.isTTY) continue
      const write = stream.write.bind(stream) as Write
      this.#original.set(stream, stream.write)
      stream.write = ((...args: Parameters<Write>) => {
        this.#clear()
        return write(...args)
      }) as Write
    }
  }

  get columns(): number {
    return this.#stream.columns || 80
  }

  draw(text: string): void {
    this.#clear()
    this.#print(text)
    this.#width = stringWidth(text)
  }

  close(): void {
    this.#clear()
    for (const [stream, write] of this.#original) stream.write = write
    this.#original.clear()
  }

  #clear(): void {
    if (!this.#width) return
    // A terminal that was made narrower since has broken the line.
    const rows = Math.ceil(this.#width / this.columns)
    this.#width = 0
    this.#print(`${rows > 1 ? `\u001B[${rows - 1}A` : ''}\r\u001B[J`)
  }

  #print(text: string): void {
    const write = this.#original.get(this.#stream) ?? this.#stream.write
    write.call(this.#stream, text)
  }
}
