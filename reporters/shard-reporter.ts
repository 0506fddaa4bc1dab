import { ShardCensus } from '../src/row/shards.ts'
import type { Row } from '../src/row/schema.ts'
import { RowReporter } from './row-reporter.ts'

/** Looks whether merged reports are of a whole run: a part that is missing must not pass for a run without faults. */
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
