import type { Reporter, TestCase, Vitest } from 'vitest/node'
import { ROW_ARTIFACT, type RowArtifact } from '../src/row/artifact.ts'
import type { Row } from '../src/row/schema.ts'
import { printForPeople, type PrintOptions } from '../src/run/human-output.ts'

/** A reporter that takes rows: live while a run lasts, from the blobs where `--merge-reports` replays them. */
export abstract class RowReporter implements Reporter {
  protected vitest!: Vitest

  onInit(vitest: Vitest): void {
    this.vitest = vitest
  }

  /** Takes one row; a worker waits for it before the next phase starts. */
  protected abstract onRow(row: Row, testCase: TestCase): void | Promise<void>

  /** Prints for people; see `printForPeople`. */
  protected print(text: string, options: PrintOptions = {}): void {
    printForPeople(this.vitest, text, options)
  }

  /** Takes a row of an earlier process of this run, which stands in its file already. */
  protected onKnownRow(row: Row, testCase: TestCase): void | Promise<void> {
    return this.onRow(row, testCase)
  }

  async onTestCaseArtifactRecord(testCase: TestCase, artifact: { type: string }): Promise<void> {
    if (!isRowArtifact(artifact)) return
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
