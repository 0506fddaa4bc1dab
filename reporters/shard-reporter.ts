import { ShardCensus } from '../src/row/merge.ts'
import type { Row } from '../src/row/schema.ts'
import { RowReporter } from './row-reporter.ts'

/** Checks whether merged reports cover a whole run: a missing shard must not look like a run without failures. */
export class ShardReporter extends RowReporter {
  readonly #census = new ShardCensus()

  protected override onRow(row: Row): void {
    this.#census.add(row)
  }

  onTestRunEnd(): void {
    const problems = this.#census.findProblems()
    for (const problem of problems) this.vitest.logger.error(problem)
    if (problems.length && !process.exitCode) process.exitCode = 2
  }
}
