import { getOrAdd } from './get-or-add.ts'
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
    const code = row.error?.code ?? null
    const { return_code = null, signal = null, iteration } = row
    const precise = JSON.stringify([status, code, return_code, signal])
    const isLumped = !this.#groups.has(precise) && this.#groups.size >= MAX_KINDS
    const group = getOrAdd(this.#groups, isLumped ? status : precise, () => ({
      status,
      ...(isLumped ? NO_KIND : { code, return_code, signal, message: describeError(row) }),
      count: 0,
      iterations: [],
    }))
    group.count++
    if (iteration == null || group.iterations.length === MAX_ITERATIONS) return
    if (!group.iterations.includes(iteration)) group.iterations.push(iteration)
  }

  list(): FailureGroup[] {
    return [...this.#groups.values()]
  }
}

const NO_KIND = { code: null, return_code: null, signal: null, message: null }
