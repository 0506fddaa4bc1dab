import { DefaultReporter, type TestCase, type TestModule, type Vitest } from 'vitest/node'
import { ROW_ARTIFACT, type RowArtifact } from '../src/plan/plan.ts'
import { type CaseTimes, renderCaseLine } from '../src/render/case-line.ts'
import { readCardStyle, type CardStyle } from '../src/render/terminal.ts'

/**
 * Vitest's default reporter for runs in which the user chose none: prints one line per phase as soon as it ends,
 * without operations per second and p999, which mean little for a few proofs. Plain benches look as they do in Vitest.
 */
export class CompactReporter extends DefaultReporter {
  readonly #files: ReadonlySet<string>
  #style!: CardStyle
  /** Suite of the last phase that ended. */
  #suite: string | undefined

  readonly #isMinimal: boolean

  /**
   * @param files absolute paths of the bench files that define tracks
   * @param options whether Vitest's window is shown on a terminal; `isMinimal` if Vitest, run by an agent, would have
   * shown only failures
   */
  constructor(
    files: ReadonlySet<string>,
    { summary, isMinimal = false }: { summary?: boolean | undefined; isMinimal?: boolean } = {},
  ) {
    super({ summary: !isMinimal && summary !== false })
    this.#files = files
    this.#isMinimal = isMinimal
  }

  override onInit(vitest: Vitest): void {
    if (this.#isMinimal) this.silent ??= vitest.config.silent ?? 'passed-only'
    super.onInit(vitest)
    this.#style = readCardStyle(process.stdout)
  }

  override onTestCaseResult(test: TestCase): void {
    super.onTestCaseResult(test)
    if (!this.#isTrack(test.module)) return
    const { state } = test.result()
    if (state === 'pending' || (state === 'skipped' && this.ctx.config.hideSkippedTests)) return
    const { name: phase, parent } = test
    if (this.#suite !== undefined && this.#suite !== parent.id) this.log()
    this.#suite = parent.id
    this.log(
      renderCaseLine(
        {
          point: parent.type === 'suite' ? parent.name : '',
          phase,
          state,
          times: listTimes(test),
          note: findNote(test),
        },
        this.#style,
      ),
    )
  }

  /** The lines of a track's phases are already printed; errors come in Vitest's own summary. */
  protected override printTestModule(module: TestModule): void {
    if (this.#isTrack(module) || (this.#isMinimal && module.state() !== 'failed')) return
    super.printTestModule(module)
  }

  #isTrack(module: TestModule): boolean {
    // Merged reports may contain file paths from another machine.
    return (
      this.#files.has(module.moduleId) || module.children.allTests().some((test) => listRows(test).length > 0)
    )
  }
}

function listRows(test: TestCase): RowArtifact['row'][] {
  return test
    .artifacts()
    .flatMap((artifact) => (artifact.type === ROW_ARTIFACT ? [(artifact as RowArtifact).row] : []))
}

/** Vitest's statistics of the measured durations, which are in milliseconds. */
function listTimes(test: TestCase): CaseTimes[] {
  const tasks = test.benchmarks().flatMap((benchmark) => benchmark.tasks)
  return tasks.map(({ name, latency }) => ({
    label: name.slice(test.name.length).trim(),
    medianS: latency.p50 / 1000,
    minS: latency.min / 1000,
    maxS: latency.max / 1000,
    n: latency.samplesCount,
  }))
}

function findNote(test: TestCase): string | undefined {
  const result = test.result()
  if (result.state === 'skipped') return result.note
  if (result.state !== 'failed') return undefined
  const error = listRows(test).find((row) => row.status !== 'ok' && row.status !== 'skipped')?.error
  return error ? `${error.code}: ${error.message}` : result.errors[0]?.message.split('\n')[0]
}
