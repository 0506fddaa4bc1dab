import { inspect } from 'node:util'
import { formatError, type ProvemarkError } from './errors.ts'

/** Vitest inspects what ends its start: this shows what is wrong, not where in the harness it was found. */
export class RefusedRun extends Error {
  constructor(cause: ProvemarkError) {
    super(formatError(cause), { cause })
  }

  [inspect.custom](): string {
    return this.message
  }
}
