import type { Vitest } from 'vitest/node'
import { formatError } from '../errors.ts'

/** Exit codes by priority: a signal outranks a failure, which outranks nothing to judge. */
const ORDER = [0, 2, 1]

/** Sets the exit code unless a worse one is already set. */
export function raiseExitCode(code: number): void {
  const current = Number(process.exitCode ?? 0)
  if (rank(code) > rank(current)) process.exitCode = code
}

function rank(code: number): number {
  const known = ORDER.indexOf(code)
  return known < 0 ? ORDER.length : known
}

/**
 * Ends a run that cannot continue: prints the error, stops the running phase and sets exit code 2. Does not wait for
 * the end, since the worker waits for the reporter that calls this.
 */
export function abortRun(vitest: Vitest, error: unknown): void {
  vitest.logger.error(`\n${formatError(error)}\n  the run ends here`)
  // Vitest sets 1 for tests that did not finish.
  process.once('exit', () => {
    process.exitCode = 2
  })
  void vitest.cancelCurrentRun('keyboard-input')
}
