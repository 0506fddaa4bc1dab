/** A claim of a self-test, and whether it held. */
export type Claim = { text: string } & (
  | { verdict: 'holds' | 'does_not_hold' }
  /** The trial was inconclusive, and why. */
  | { verdict: 'not_judged'; why: string }
)

export const judged = (text: string, holds: boolean): Claim => ({
  text,
  verdict: holds ? 'holds' : 'does_not_hold',
})

/** 1 if a claim is false, 2 if one could not be judged. */
export function exitCodeOf(claims: readonly Claim[]): 0 | 1 | 2 {
  const verdicts = new Set(claims.map(({ verdict }) => verdict))
  if (verdicts.has('does_not_hold')) return 1
  return verdicts.has('not_judged') ? 2 : 0
}
