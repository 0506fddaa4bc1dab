import { readOutcome } from './outcome.ts'
import type { Row, Status } from './schema.ts'

/** Rows of one phase that did not end well in the same way. */
export interface FailureGroup {
  status: Exclude<Status, 'ok'>
  /** Stable error code, null for rows that have none (the reference's). */
  code: string | null
  return_code: number | null
  signal: string | null
  count: number
  /** The first iterations that it struck. */
  iterations: number[]
  /** Message of the first of them, with what its output said last. */
  message: string | null
}

// Of a results file with endless different failures the first kinds are told, and the rest by status alone.
const MAX_KINDS = 20
const MAX_ITERATIONS = 5

/** An exit code alone says little: the reason stands in the last line of the output. */
function describeError({ error }: Row): string | null {
  if (!error) return null
  const last = error.tail?.split('\n').findLast((line) => line.trim() !== '')
  return last ? `${error.message}: ${last.trim()}` : error.message
}

/** Collects failures of one phase by kind. */
export class Failures {
  readonly #groups = new Map<string, FailureGroup>()

  add(row: Row): void {
    const status = readOutcome(row)
    if (status === 'ok') return
    this.#absorb({
      status,
      code: row.error?.code ?? null,
      return_code: row.return_code ?? null,
      signal: row.signal ?? null,
      count: 1,
      iterations: row.iteration == null ? [] : [row.iteration],
      message: describeError(row),
    })
  }

  merge(other: Failures): void {
    for (const group of other.list()) this.#absorb(group)
  }

  list(): FailureGroup[] {
    return [...this.#groups.values()]
  }

  #absorb(group: FailureGroup): void {
    const { status, code, return_code, signal } = group
    const precise = JSON.stringify([status, code, return_code, signal])
    const isLumped = !this.#groups.has(precise) && this.#groups.size >= MAX_KINDS
    const key = isLumped ? status : precise
    const known = this.#groups.get(key)
    if (known) {
      known.count += group.count
      known.iterations = [...new Set([...known.iterations, ...group.iterations])].slice(0, MAX_ITERATIONS)
    } else {
      const shown = isLumped
        ? { ...group, code: null, return_code: null, signal: null, message: null }
        : group
      this.#groups.set(key, { ...shown, iterations: [...group.iterations] })
    }
  }
}
