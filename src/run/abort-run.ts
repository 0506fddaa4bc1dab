import type { Vitest } from 'vitest/node'
import { formatError } from '../errors.ts'

/**
 * Ends a run that cannot go on: the error is printed, the running phase is ended, and the exit code is 2. Does not
 * wait for the end, since the worker waits for the reporter that calls this.
 */
export function abortRun(vitest: Vitest, error: unknown): void {
  vitest.logger.error(`\n${formatError(error)}\n  the run ends here`)
  // Vitest sets 1 for the tests that this leaves undone.
  process.once('exit', () => {
    process.exitCode = 2
  })
  void vitest.cancelCurrentRun('keyboard-input')
}
