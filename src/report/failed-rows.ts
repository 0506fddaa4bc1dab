import { labelVariants, partsKey, pointName, type Variant, variantOf } from '../row/identity.ts'
import { readOutcome, runOf } from '../row/outcome.ts'
import type { Phase, Row, Status } from '../row/schema.ts'

export interface FailedRow {
  run: string | null
  point: string
  prover: string | null
  variant: Variant
  phase: Phase
  iteration: number | null
  status: Status
  timestamp: string | null
  code: string | null
  message: string | null
  tail: string | null
  cmd: string | null
}

const MAX_ROWS = 100
const MAX_TEXT = 4000

/** Keeps the last failed rows, so that each can be shown with the end of its output. */
export class FailedRows {
  readonly #rows: FailedRow[] = []
  readonly #variants = new Map<string, Variant>()
  #last: Variant | undefined
  /** Number of all failed rows by run, kept or not. */
  readonly counts = new Map<string | null, number>()

  add(row: Row): void {
    const variant = variantOf(row)
    if (variant !== this.#last)
      this.#variants.set(`${variant.prover} ${partsKey(row)}`, (this.#last = variant))
    const status = readOutcome(row)
    if (status === 'ok') return
    const run = runOf(row)
    this.counts.set(run, (this.counts.get(run) ?? 0) + 1)
    this.#rows.push(describe(row, status))
    if (this.#rows.length > MAX_ROWS) this.#rows.shift()
  }

  /** Named by what differs between the variants of all rows. */
  list(): readonly FailedRow[] {
    const labelOf = labelVariants(this.#variants.values())
    return this.#rows.map((row) => ({ ...row, prover: labelOf(row.variant) }))
  }
}

function describe(row: Row, status: Status): FailedRow {
  return {
    run: runOf(row),
    point: pointName(row),
    prover: row.prover?.name ?? null,
    variant: variantOf(row),
    phase: row.phase,
    iteration: row.iteration ?? null,
    status,
    timestamp: row.timestamp ?? null,
    code: row.error?.code ?? null,
    message: cutEnd(row.error?.message ?? describeEnd(row)),
    tail: row.error?.tail ? row.error.tail.slice(-MAX_TEXT) : null,
    cmd: cutEnd(row.cmd?.join(' ')),
  }
}

function describeEnd({ return_code, signal }: Row): string | null {
  if (signal) return `ended by ${signal}`
  return return_code == null ? null : `exit code ${return_code}`
}

const cutEnd = (text: string | null | undefined) => text?.slice(0, MAX_TEXT) ?? null
