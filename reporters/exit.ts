import { constants } from 'node:os'
import type { Vitest } from 'vitest/node'
import { readOutcome } from '../src/row/outcome.ts'
import type { Row } from '../src/row/schema.ts'
import { raiseExitCode } from '../src/run/exit-code.ts'
import { RowReporter } from './row-reporter.ts'

export interface ExitOptions {
  /** Why this run has nothing to do, where that is as it should be. */
  emptyNote?: string | undefined
  /** Whether other shards have points of the run. */
  isPart?: boolean
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Decides how the run ends: 2 where no phase ended well, 130 or 143 after a signal. Vitest alone would end at once on a
 * signal, with its worker's prover still running and the card unprinted.
 */
export class ExitReporter extends RowReporter {
  readonly #options: ExitOptions
  readonly #outcomes = new Map<string, number>()
  readonly #codes = new Set<string>()

  constructor(options: ExitOptions = {}) {
    super()
    this.#options = options
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

  onTestRunEnd(): void {
    if (this.#outcomes.has('ok')) return
    const { emptyNote, isPart } = this.#options
    if (!this.#outcomes.size) {
      if (emptyNote) return this.print(emptyNote)
      this.vitest.logger.error('NO_ROWS: no phase ran, so there is nothing to report')
    } else {
      const counts = [...this.#outcomes].map(([outcome, count]) => `${count} ${outcome.replaceAll('_', ' ')}`)
      const message = `nothing was measured: ${counts.join(', ')} (${[...this.#codes].join(', ')})`
      // What was skipped here says nothing of the points that other shards have.
      if (isPart && this.#outcomes.size === 1 && this.#outcomes.has('skipped'))
        return this.print(`this shard: ${message}; the merged run decides`)
      this.vitest.logger.error(`\nNO_ROWS: ${message}`)
    }
    raiseExitCode(2)
  }

  /** The first signal lets the running phase end and leave its row; a second one does not wait for it. */
  async #cancel(signal: (typeof SIGNALS)[number]): Promise<void> {
    // Vitest sets an exit code of its own when the run has ended.
    process.once('exit', () => {
      process.exitCode = 128 + constants.signals[signal]
    })
    for (const again of SIGNALS) process.once(again, () => void this.vitest.exit(true))
    await this.vitest.cancelCurrentRun('keyboard-input')
  }
}
