import type { Reporter, TestCase, Vitest } from 'vitest/node'
import { ROW_ARTIFACT, type RowArtifact } from '../src/row/artifact.ts'
import type { Row } from '../src/row/schema.ts'
import { printForPeople, type PrintOptions } from '../src/run/human-output.ts'
import type { ProjectScope } from '../src/run/reporters.ts'

/**
 * Base class of a Vitest reporter that takes rows: live during a run, or from the blobs that `--merge-reports` replays.
 * Extend it, implement `onRow`, and name the reporter in `test.reporters` of the Vitest config.
 */
export abstract class RowReporter implements Reporter {
  protected vitest!: Vitest
  #scope: ProjectScope | undefined

  onInit(vitest: Vitest): void {
    this.vitest = vitest
  }

  /** Takes the rows of one project alone, and names it in all that is printed. */
  limitTo(scope: ProjectScope | undefined): this {
    this.#scope = scope
    return this
  }

  /** Takes one row; a worker waits for it before the next phase starts. */
  protected abstract onRow(row: Row, testCase: TestCase): void | Promise<void>

  /** Prints for people; see `printForPeople`. */
  protected print(text: string, options: PrintOptions = {}): void {
    const named = this.#scope
      ? text.replace(/^\n?/, (start) => `${start}project ${this.#scope?.name}\n`)
      : text
    printForPeople(this.vitest, named, options)
  }

  /** Takes a row of an earlier process of this run, which stands in its file already. */
  protected onKnownRow(row: Row, testCase: TestCase): void | Promise<void> {
    return this.onRow(row, testCase)
  }

  async onTestCaseArtifactRecord(testCase: TestCase, artifact: { type: string }): Promise<void> {
    if (!isRowArtifact(artifact)) return
    if (this.#scope && testCase.project.name !== this.#scope.vitestName) return
    await (artifact.isKnown ? this.onKnownRow(artifact.row, testCase) : this.onRow(artifact.row, testCase))
  }

  async onTestCaseResult(testCase: TestCase): Promise<void> {
    if (!this.vitest.config.mergeReports) return
    for (const artifact of testCase.artifacts()) await this.onTestCaseArtifactRecord(testCase, artifact)
  }
}

function isRowArtifact(artifact: { type: string }): artifact is RowArtifact {
  return artifact.type === ROW_ARTIFACT
}
