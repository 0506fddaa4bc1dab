import { existsSync } from 'node:fs'
import { formatRow, readRows } from '../src/row/jsonl.ts'
import type { Row } from '../src/row/schema.ts'
import { JsonlReporter } from './jsonl.ts'

/** Appends the rows of merged reports, save those that their file holds already: where the shards ran here, it does. */
export class MergedJsonlReporter extends JsonlReporter {
  readonly #held = new Map<string, Promise<Set<string>>>()

  /** Reports may be merged on another machine than the one whose file has the row. */
  protected override onKnownRow(row: Row): Promise<void> {
    return this.onRow(row)
  }

  protected override async onRow(row: Row): Promise<void> {
    const file = this.fileOf(row)
    if (!file) return
    const held = this.#held.get(file) ?? readLines(file)
    this.#held.set(file, held)
    if (!(await held).has(formatRow(row))) super.onRow(row)
  }
}

async function readLines(file: string): Promise<Set<string>> {
  const lines = new Set<string>()
  if (existsSync(file)) for await (const row of readRows(file)) lines.add(formatRow(row))
  return lines
}
