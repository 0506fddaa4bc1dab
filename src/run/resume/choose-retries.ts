import { proverKeyOf } from '../../point/earlier-rows.ts'
import { earlierPhases } from '../../point/chain.ts'
import type { Phase, Row } from '../../row/schema.ts'

/** The iterations of a run that have to run again. */
export class Retries {
  readonly #rows = new Map<string, Pick<Row, 'status' | 'error'>>()
  readonly #retryFailed: boolean

  /** @param retryFailed whether what failed runs again, not only what was cancelled */
  constructor(retryFailed: boolean) {
    this.#retryFailed = retryFailed
  }

  /** Takes every row of the run before any is judged. */
  add(row: Row): void {
    this.#rows.set(keyOf(row, row.phase), { status: row.status, error: row.error })
  }

  has(row: Row): boolean {
    const { status, error, phase } = row
    if (status === 'ok') return false
    if (this.#retryFailed || status === 'cancelled') return true
    // What was skipped for the sake of an earlier phase can run when that phase has run.
    return (
      error?.code === 'EARLIER_PHASE_FAILED' &&
      earlierPhases(phase).some((earlier) => this.#isOpen(row, earlier))
    )
  }

  #isOpen(row: Row, phase: Phase): boolean {
    return this.#rows.get(keyOf(row, phase))?.status === 'cancelled'
  }
}

function keyOf(row: Row, phase: Phase): string {
  return [row.track, row.point, proverKeyOf(row), phase, row.iteration].join('\0')
}
