import { appendRow, formatRow, type MendedLine } from '../src/row/jsonl.ts'
import type { Row } from '../src/row/schema.ts'
import { abortRun } from '../src/run/abort-run.ts'
import { RowReporter } from './row-reporter.ts'

export interface JsonlOptions {
  /** Waits until each row is on the disk itself. */
  fsync?: boolean
}

/**
 * Appends every row to the results file of its track before the next phase starts. Where a file does not take a row
 * the run ends, and the row is printed: what was measured is never lost in silence.
 */
export class JsonlReporter extends RowReporter {
  readonly #files: ReadonlyMap<string, string>
  readonly #options: JsonlOptions
  #aborted = false

  /** @param files results file by track, absolute */
  constructor(files: ReadonlyMap<string, string>, options: JsonlOptions = {}) {
    super()
    this.#files = files
    this.#options = options
  }

  protected fileOf({ track }: Row): string | undefined {
    return this.#files.get(track ?? '')
  }

  // oxlint-disable-next-line no-unused-vars -- those who extend this need the row
  protected override onKnownRow(_row: Row): void | Promise<void> {}

  protected override onRow(row: Row): void | Promise<void> {
    const file = this.fileOf(row)
    if (!file) return
    try {
      appendRow(file, row, { ...this.#options, onMended: (mended) => this.#tell(mended) })
    } catch (error) {
      this.vitest.logger.error(`a row that is in no file:\n${describeRow(row)}`)
      // The phase that ends with the run leaves a row too.
      if (!this.#aborted) abortRun(this.vitest, error)
      this.#aborted = true
    }
  }

  #tell({ file, side_file, bytes }: MendedLine): void {
    this.print(
      `${file} ended in the torn row of a run that was killed: its ${bytes} bytes are in ${side_file} now`,
    )
  }
}

/** As it would stand in the file, so that it can be put there by hand. */
function describeRow(row: Row): string {
  try {
    return formatRow(row).trimEnd()
  } catch {
    return JSON.stringify(row)
  }
}
