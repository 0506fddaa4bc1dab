import type { Vitest } from 'vitest/node'
import { formatError } from '../errors.ts'

/** How much an exit code weighs against another: a signal's before a failure's, that before nothing to judge. */
const ORDER = [0, 2, 1]

/** Sets the exit code, unless the run already ends with a worse one. */
export function raiseExitCode(code: number): void {
  const current = Number(process.exitCode ?? 0)
  if (rank(code) > rank(current)) process.exitCode = code
}

function rank(code: number): number {
  const known = ORDER.indexOf(code)
  return known < 0 ? ORDER.length : known
}

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
