import { type Claim, judged } from '../../gate/self-test/claim.ts'
import type { Trial } from './trial.ts'

/** The slowdown that must be found. At this many iterations, finding a smaller one depends on luck. */
const CERTAIN_SLOWDOWN = 0.5
const LEAST_POWER = 0.9
/** Largest relative sd of times that still allows a verdict on the gate's power. */
export const STEADY = 0.1

/** Totals of all trials with one slowdown. */
export interface TrialOutcome {
  slowdown: number
  runs: number
  /** Runs in which an unchanged figure failed. */
  falseAlarms: number
  /** Number of phases that were slowed down, and of those that failed. */
  slowed: number
  found: number
  /** Number of slowed phases with steady times, and of those that failed. */
  steady: number
  steadyFound: number
  /** Runs in which the counter that grew by 1 failed. */
  countersFound: number
}

export function countOutcome(slowdown: number, trials: readonly Trial[]): TrialOutcome {
  const slowed = slowdown > 0 ? trials.flatMap(({ phases }) => phases) : []
  const steady = slowed.filter(({ spread }) => spread <= STEADY)
  return {
    slowdown,
    runs: trials.length,
    falseAlarms: trials.filter(({ falseAlarm }) => falseAlarm).length,
    slowed: slowed.length,
    found: slowed.filter(({ found }) => found).length,
    steady: steady.length,
    steadyFound: steady.filter(({ found }) => found).length,
    countersFound: trials.filter(({ counterFound }) => counterFound).length,
  }
}

export function claimsOf(outcomes: readonly TrialOutcome[]): Claim[] {
  const [unchanged, changed] = [
    outcomes.filter(({ slowdown }) => slowdown === 0),
    outcomes.filter(({ slowdown }) => slowdown > 0),
  ]
  return [
    judged(
      'a fixture prover against itself raises no alarm',
      unchanged.every(({ falseAlarms }) => falseAlarms === 0),
    ),
    ...changed.filter(({ slowdown }) => slowdown >= CERTAIN_SLOWDOWN).map(claimPower),
    judged(
      'its counter that grew by 1 is found always',
      changed.every(({ countersFound, runs }) => countersFound === runs),
    ),
  ]
}

/** A busy machine proves nothing about the gate: this is reported, and does not count as a pass. */
function claimPower({ slowdown, slowed, steady, steadyFound }: TrialOutcome): Claim {
  const text = `at least ${100 * LEAST_POWER} % of its phases that are slowed down by ${100 * slowdown} % are found, where their times have an sd of at most ${100 * STEADY} %`
  if (steady >= slowed / 2) return judged(text, steadyFound >= LEAST_POWER * steady)
  return { text, verdict: 'not_judged', why: `${steady} of ${slowed} had so little: the machine is busy` }
}
