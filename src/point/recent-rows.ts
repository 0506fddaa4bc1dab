import { open } from 'node:fs/promises'
import type { Row } from '../row/schema.ts'

/** The end of a results file that is looked at first: recent rows say what a point takes, and old ones cost time. */
const TAIL_BYTES = 4 * 2 ** 20

/**
 * The last rows of a results file, and those that a run appends. They are not checked against the schema, for that
 * would cost more than what is looked at is worth.
 */
export class RecentRows {
  readonly #path: string
  /** Where the first line starts that was not whole at the last look. */
  #position = 0

  constructor(path: string) {
    this.#path = path
  }

  /** The rows that came since the last look; none where there is no file. */
  async readNew(): Promise<Partial<Row>[]> {
    const file = await open(this.#path).catch(() => undefined)
    if (!file) return []
    try {
      const { size } = await file.stat()
      // A file that has become shorter is another one.
      const start = Math.max(this.#position <= size ? this.#position : 0, size - TAIL_BYTES)
      const bytes = Buffer.alloc(size - start)
      await file.read(bytes, 0, bytes.length, start)
      const end = bytes.lastIndexOf('\n') + 1
      this.#position = start + end
      return bytes.toString('utf8', 0, end).split('\n').flatMap(tryParse)
    } finally {
      await file.close()
    }
  }
}

function tryParse(line: string): Partial<Row>[] {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? [value as Partial<Row>] : []
  } catch {
    return []
  }
}
