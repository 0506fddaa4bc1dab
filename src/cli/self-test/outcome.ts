import { type Claim, judged } from '../../gate/self-test/claim.ts'
import type { Trial } from './trial.ts'

/** The slowdown that has to be found: at this many repetitions smaller ones are, as luck has it. */
const CERTAIN_SLOWDOWN = 0.5
const LEAST_POWER = 0.9
/** Largest sd, as a part of the mean, of times by which the gate's power may be judged. */
export const STEADY = 0.1

/** What came of all trials with one slowdown. */
export interface TrialOutcome {
  slowdown: number
  runs: number
  /** Runs in which a figure failed that had not changed. */
  falseAlarms: number
  /** Phases that were slowed down, and those of them that failed. */
  slowed: number
  found: number
  /** Of the slowed phases those whose times were steady, and those of them that failed. */
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

/** A busy machine says nothing about the gate: it is told, and not taken for a pass. */
function claimPower({ slowdown, slowed, steady, steadyFound }: TrialOutcome): Claim {
  const text = `at least ${100 * LEAST_POWER} % of its phases that are slowed down by ${100 * slowdown} % are found, where their times have an sd of at most ${100 * STEADY} %`
  if (steady >= slowed / 2) return judged(text, steadyFound >= LEAST_POWER * steady)
  return { text, verdict: 'not_judged', why: `${steady} of ${slowed} had so little: the machine is busy` }
}
