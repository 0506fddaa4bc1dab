/** What a self-test has to show, and whether it did. */
export type Claim = { text: string } & (
  | { verdict: 'holds' | 'does_not_hold' }
  /** The trial could not tell, and why. */
  | { verdict: 'not_judged'; why: string }
)

export const judged = (text: string, holds: boolean): Claim => ({
  text,
  verdict: holds ? 'holds' : 'does_not_hold',
})

/** 1 for a claim that is wrong, 2 for one that could not be judged. */
export function exitCodeOf(claims: readonly Claim[]): 0 | 1 | 2 {
  const verdicts = new Set(claims.map(({ verdict }) => verdict))
  if (verdicts.has('does_not_hold')) return 1
  return verdicts.has('not_judged') ? 2 : 0
}
