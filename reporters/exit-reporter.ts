import { constants } from 'node:os'
import type { TestModule, Vitest } from 'vitest/node'
import type { Plan } from '../src/plan/plan.ts'
import { readOutcome } from '../src/row/outcome.ts'
import type { Row } from '../src/row/schema.ts'
import { raiseExitCode } from '../src/run/output.ts'
import { RowReporter } from './row-reporter.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** A project of the run: its plan, and the bench files that define its tracks. */
export interface ExpectedProject {
  project: { name: string }
  plan: Plan
  files: readonly string[]
}

/**
 * Decides the exit code: 2 if no phase of the tracks succeeded, 130 or 143 after a signal. Vitest alone would exit at
 * once on a signal, with its worker's prover still running and the card not printed.
 */
export class ExitReporter extends RowReporter {
  #expected: readonly ExpectedProject[] = []
  readonly #outcomes = new Map<string, number>()
  readonly #codes = new Set<string>()

  /** Sets the projects whose tracks must leave rows in the next run; none if it has only plain benches. */
  expect(projects: readonly ExpectedProject[]): void {
    this.#expected = projects
    this.#outcomes.clear()
    this.#codes.clear()
  }

  override onInit(vitest: Vitest): void {
    super.onInit(vitest)
    for (const signal of SIGNALS) {
      for (const listener of process.listeners(signal)) {
        if (listener.name === 'onExit') process.off(signal, listener)
      }
      process.once(signal, () => void this.#cancel(signal))
    }
  }

  protected override onRow(row: Row): void {
    const outcome = readOutcome(row)
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1)
    if (row.error) this.#codes.add(row.error.code)
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#outcomes.has('ok') || !this.#expected.length) return
    if (this.#outcomes.size) return this.#tellNothingMeasured()
    const notes = this.#expected.map(({ plan }) => describeEmptyShard(plan))
    if (notes.every((note) => note !== undefined)) return this.print(notes.join('\n'))
    const others = modules.filter((module) => !this.#isOurs(module))
    if (this.vitest.getGlobalTestNamePattern() && others.some(hasRun)) return
    this.vitest.logger.error('NO_ROWS: no phase ran, so there is nothing to report')
    // If a plain bench has failed, keep its exit code.
    if (!others.some((module) => !module.ok())) process.exitCode = 2
  }

  #tellNothingMeasured(): void {
    const counts = [...this.#outcomes].map(([outcome, count]) => `${count} ${outcome.replaceAll('_', ' ')}`)
    const message = `nothing was measured: ${counts.join(', ')} (${[...this.#codes].join(', ')})`
    const isPart = this.#expected.some(
      ({ plan: { shard, tracks } }) => shard && shard.points > tracks.flatMap(({ points }) => points).length,
    )
    // Skipped points here mean nothing for the points of other shards.
    if (isPart && this.#outcomes.size === 1 && this.#outcomes.has('skipped'))
      return this.print(`this shard: ${message}; the merged run decides`)
    this.vitest.logger.error(`\nNO_ROWS: ${message}`)
    raiseExitCode(2)
  }

  #isOurs({ project, moduleId }: TestModule): boolean {
    return this.#expected.some((own) => own.project.name === project.name && own.files.includes(moduleId))
  }

  /** The first signal lets the running phase end and write its row. A second one does not wait for that. */
  async #cancel(signal: (typeof SIGNALS)[number]): Promise<void> {
    // Vitest sets its own exit code at the end of the run.
    process.once('exit', () => {
      process.exitCode = 128 + constants.signals[signal]
    })
    for (const again of SIGNALS) process.once(again, () => void this.vitest.exit(true))
    await this.vitest.cancelCurrentRun('keyboard-input')
    // In watch mode, Vitest would wait for the next change.
    if (this.vitest.config.watch) await this.vitest.exit(true)
  }
}

/** Whether Vitest's name filter selected any test of a module. */
function hasRun({ children }: TestModule): boolean {
  return [...children.allTests()].some((test) => test.result().state !== 'skipped')
}

/** With more shards than points, the last shards are empty by design, which is not an error. */
function describeEmptyShard({ shard, tracks }: Plan): string | undefined {
  if (!shard?.points || tracks.some(({ points }) => points.length)) return undefined
  return `shard ${shard.index}/${shard.count} has no points: the run has ${shard.points}, nothing to do here`
}
