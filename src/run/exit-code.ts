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
