import { constants } from 'node:os'
import type { Vitest } from 'vitest/node'
import { RowReporter } from './row-reporter.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Decides how the run ends: 2 where it made no row, 130 or 143 after a signal. Vitest alone would end at once on a
 * signal, with its worker's prover still running and the card unprinted.
 */
export class ExitReporter extends RowReporter {
  readonly #emptyNote: string | undefined
  #rows = 0

  /** @param emptyNote why this run has nothing to do, where that is as it should be */
  constructor(emptyNote?: string) {
    super()
    this.#emptyNote = emptyNote
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

  protected override onRow(): void {
    this.#rows++
  }

  onTestRunEnd(): void {
    if (this.#rows) return
    if (this.#emptyNote) return this.print(this.#emptyNote)
    this.vitest.logger.error('NO_ROWS: no phase ran, so there is nothing to report')
    process.exitCode = 2
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
