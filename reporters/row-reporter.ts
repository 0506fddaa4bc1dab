import type { Reporter, TestCase, Vitest } from 'vitest/node'
import { ROW_ARTIFACT, type RowArtifact } from '../src/plan/plan.ts'
import type { Row } from '../src/row/schema.ts'
import { printForPeople, type PrintOptions } from '../src/run/output.ts'
import type { ProjectScope } from '../src/run/reporters.ts'

/**
 * Base class of a Vitest reporter that receives rows: live during a run, or from the blobs that `--merge-reports`
 * replays. Extend it, implement `onRow`, and name the reporter in `test.reporters` of the Vitest config.
 */
export abstract class RowReporter implements Reporter {
  protected vitest!: Vitest
  #scope: ProjectScope | undefined

  onInit(vitest: Vitest): void {
    this.vitest = vitest
  }

  /** Limits the reporter to the rows of one project, and adds its name to everything printed. */
  limitTo(scope: ProjectScope | undefined): this {
    this.#scope = scope
    return this
  }

  /** Receives one row; a worker waits for it before the next phase starts. */
  protected abstract onRow(row: Row, testCase: TestCase): void | Promise<void>

  /** Prints for people; see `printForPeople`. */
  protected print(text: string, options: PrintOptions = {}): void {
    const named = this.#scope
      ? text.replace(/^\n?/, (start) => `${start}project ${this.#scope?.name}\n`)
      : text
    printForPeople(this.vitest, named, options)
  }

  /** Receives a row of an earlier process of this run, which is already in its file. */
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
