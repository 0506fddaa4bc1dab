import { getOrAdd } from './collections.ts'
import type { Cloned } from './figures.ts'
import { readOutcome } from './outcome.ts'
import type { Row, Status } from './schema.ts'

/** Rows of one phase that failed in the same way. */
export interface FailureGroup {
  status: Exclude<Status, 'ok'>
  /** Stable error code; null for rows that have none (those of `jst bench`). */
  code: string | null
  return_code: number | null
  signal: string | null
  count: number
  /** The first iterations that failed this way. */
  iterations: number[]
  /** Message of the first of them, with the last line of its output. */
  message: string | null
}

// If a results file has more kinds of failures than this, the others are reported by status alone.
const MAX_KINDS = 20
const MAX_KINDS_HELD = 1000
const MAX_ITERATIONS = 5

/** An exit code alone says little: the reason is in the last line of the output. */
function describeError({ error }: Row): string | null {
  if (!error) return null
  const last = error.tail?.split('\n').findLast((line) => line.trim() !== '')
  return last ? `${error.message}: ${last.trim()}` : error.message
}

/** Groups the failures of one phase by kind. */
export class Failures {
  readonly groups = new Map<string, FailureGroup>()
  readonly #maxKinds: number

  constructor(maxKinds = MAX_KINDS_HELD) {
    this.#maxKinds = maxKinds
  }

  add(row: Row): void {
    const status = readOutcome(row)
    if (status === 'ok') return
    const { return_code = null, signal = null, iteration } = row
    const kind = { status, code: row.error?.code ?? null, return_code, signal }
    const group = this.#open(kind, () => describeError(row))
    group.count++
    if (iteration != null) noteIteration(group, iteration)
  }

  merge(later: Cloned<Failures>): void {
    for (const kind of later.groups.values()) {
      const group = this.#open(kind, () => kind.message)
      group.count += kind.count
      for (const iteration of kind.iterations) noteIteration(group, iteration)
    }
  }

  list(): FailureGroup[] {
    const told = new Failures(MAX_KINDS)
    told.merge(this)
    return [...told.groups.values()]
  }

  #open({ status, code, return_code, signal }: FailureKind, describe: () => string | null): FailureGroup {
    const precise = JSON.stringify([status, code, return_code, signal])
    const isLumped = !this.groups.has(precise) && this.groups.size >= this.#maxKinds
    return getOrAdd(this.groups, isLumped ? status : precise, () => ({
      status,
      ...(isLumped ? NO_KIND : { code, return_code, signal, message: describe() }),
      count: 0,
      iterations: [],
    }))
  }
}

type FailureKind = Pick<FailureGroup, 'status' | 'code' | 'return_code' | 'signal'>
const NO_KIND = { code: null, return_code: null, signal: null, message: null }

function noteIteration({ iterations }: FailureGroup, iteration: number): void {
  if (iterations.length < MAX_ITERATIONS && !iterations.includes(iteration)) iterations.push(iteration)
}
