import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { formatError } from '../src/errors.ts'
import type { Row } from '../src/row/schema.ts'
import { raiseExitCode } from '../src/run/output.ts'
import { RowReporter } from './row-reporter.ts'
import { countOf } from '../src/lib/names.ts'

/** Writes the report when the run ends: this run along with all earlier ones in its results files. */
export class HtmlReporter extends RowReporter {
  readonly #results: ReadonlyMap<string, string>
  readonly #output: string
  readonly #baseline: string | undefined
  readonly #written = new Set<string>()

  /**
   * @param results results file by track, absolute
   * @param output HTML file to write
   * @param baseline JSONL file to compare with, absolute; ignored if it is not a file (a git reference)
   */
  constructor(results: ReadonlyMap<string, string>, output: string, baseline?: string) {
    super()
    this.#results = results
    this.#output = output
    this.#baseline = baseline
  }

  protected override onRow({ track }: Row): void {
    const file = this.#results.get(track ?? '')
    if (file) this.#written.add(file)
  }

  async onTestRunEnd(): Promise<void> {
    if (!this.#written.size) return
    const baseline = existsSync(this.#baseline ?? '') ? this.#baseline : undefined
    try {
      // Only runs with a report load this.
      const { writeReport } = await import('../src/report/write-report.ts')
      const { data } = await writeReport({
        files: [...this.#written],
        output: this.#output,
        title: 'provemark report',
        baseline,
      })
      this.print(
        `\nreport: ${relative(process.cwd(), this.#output)}, ${countOf(data.points.now.length, 'point')}`,
      )
    } catch (error) {
      this.vitest.logger.error(`\n${formatError(error)}`)
      raiseExitCode(2)
    }
  }
}
