import { inspect } from 'node:util'
import { formatError, type ProvemarkError } from './errors.ts'

/**
 * Vitest prints errors during its start with their internals. This one shows only what is wrong, not where it was
 * thrown.
 */
export class RefusedRun extends Error {
  constructor(cause: ProvemarkError) {
    super(formatError(cause), { cause })
  }

  [inspect.custom](): string {
    return this.message
  }
}
