import { existsSync } from 'node:fs'
import { appendRow, formatRow } from '../src/row/write.ts'
import { getOrAdd } from '../src/row/collections.ts'
import { readRows } from '../src/row/read.ts'
import type { Row } from '../src/row/schema.ts'
import type { MendedLine } from '../src/row/lines.ts'
import { abortRun } from '../src/run/output.ts'
import { RowReporter } from './row-reporter.ts'

export interface JsonlOptions {
  /** Waits until each row is on disk. */
  fsync?: boolean
  /** The rows come from merged reports. A file that the shards wrote on this machine already has them. */
  isMerge?: boolean
}

/**
 * Appends every row to the results file of its track before the next phase starts. If a row cannot be written, the run
 * ends and the row is printed, so that no measurement is lost silently.
 */
export class JsonlReporter extends RowReporter {
  readonly #files: ReadonlyMap<string, string>
  readonly #options: JsonlOptions
  /** Lines that were in each file before the merge. */
  readonly #held = new Map<string, Promise<ReadonlySet<string>>>()
  #aborted = false

  /** @param files results file by track, absolute */
  constructor(files: ReadonlyMap<string, string>, options: JsonlOptions = {}) {
    super()
    this.#files = files
    this.#options = options
  }

  /** Merged reports may come from a machine whose results file is not here. */
  protected override onKnownRow(row: Row): void | Promise<void> {
    return this.#options.isMerge ? this.onRow(row) : undefined
  }

  protected override async onRow(row: Row): Promise<void> {
    const file = this.#files.get(row.track ?? '')
    if (!file || (this.#options.isMerge && (await this.#holds(file, row)))) return
    try {
      appendRow(file, row, { ...this.#options, onMended: (mended) => this.#tell(mended) })
    } catch (error) {
      this.vitest.logger.error(`a row that is in no file:\n${describeRow(row)}`)
      // The phase that is cut off by the end of the run has a row too.
      if (!this.#aborted) abortRun(this.vitest, error)
      this.#aborted = true
    }
  }

  async #holds(file: string, row: Row): Promise<boolean> {
    return (await getOrAdd(this.#held, file, () => readLines(file))).has(formatRow(row))
  }

  #tell({ file, side_file, bytes }: MendedLine): void {
    this.print(
      `${file} ended in the torn row of a run that was killed: its ${bytes} bytes are in ${side_file} now`,
    )
  }
}

async function readLines(file: string): Promise<Set<string>> {
  const lines = new Set<string>()
  if (existsSync(file)) for await (const row of readRows(file)) lines.add(formatRow(row))
  return lines
}

/** The row as a line of the file, so that it can be added by hand. */
function describeRow(row: Row): string {
  try {
    return formatRow(row).trimEnd()
  } catch {
    return JSON.stringify(row)
  }
}
