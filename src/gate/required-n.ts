/** Past this many repetitions a plan is not one that anybody runs. */
const MOST = 1000

/**
 * The smallest p that a one-sided Mann-Whitney test of n against m can give: all orders are equally likely, and one
 * of them has every value of one side above all of the other.
 */
export function smallestP(n: number, m: number): number {
  let p = 1
  for (let i = 1; i <= Math.min(n, m); i++) p *= i / (Math.max(n, m) + i)
  return p
}

/** Whether n against m can be significant where `tests` share alpha (Holm's strictest step). */
export function canDecide(n: number, m: number, { alpha, tests }: Family): boolean {
  return n > 0 && m > 0 && smallestP(n, m) <= alpha / Math.max(1, tests)
}

/** A family of tests that shares one chance of a false alarm. */
export interface Family {
  alpha: number
  tests: number
}

/** Fewest repetitions now against m in the baseline; null where no plan would have so many. */
export function requiredAgainst(m: number, family: Family): number | null {
  for (let n = 1; n <= MOST; n++) if (canDecide(n, m, family)) return n
  return null
}

/** Fewest repetitions where both sides have the same number. */
export function requiredOnBoth(family: Family): number {
  let n = 1
  while (!canDecide(n, n, family)) n++
  return n
}
