import { type Claim, judged } from './claim.ts'
import { type Outcome, type Scenario, simulate } from './simulate.ts'

export const SLOWDOWNS = [0.05, 0.1, 0.2, 0.5]
const GATES = 50
const N = 10
const MOST_FALSE_ALARMS = 0.01
const LEAST_POWER = 0.95

export interface Certificate {
  outcomes: Outcome[]
  claims: Claim[]
}

/**
 * Simulates runs without a change against two limits, then runs with one slowdown each, and states the claims to meet.
 */
export function certify({ runs, seed }: { runs: number; seed: number }): Certificate {
  const base: Omit<Scenario, 'budget' | 'slowdown' | 'seed'> = { runs, gates: GATES, n: N }
  const unchanged = ['0%', '+5%'].map((budget, i) =>
    simulate({ ...base, budget, slowdown: 0, seed: seed + i }),
  )
  const slowed = SLOWDOWNS.map((slowdown, i) =>
    simulate({ ...base, budget: '+5%', slowdown, seed: seed + 10 + i }),
  )
  const twenty = slowed[SLOWDOWNS.indexOf(0.2)]!
  return {
    outcomes: [...unchanged, ...slowed],
    claims: [
      ...unchanged.map(({ budget, falseAlarms }) =>
        judged(
          `false alarms in at most 1 % of runs of ${GATES} gates without a change, limit ${budget}`,
          falseAlarms <= MOST_FALSE_ALARMS * runs,
        ),
      ),
      judged(
        `at least 95 % of 20 % slowdowns found at n = ${N} with a limit of +5%`,
        twenty.found >= LEAST_POWER * runs,
      ),
      judged(
        'a counter that grew by 1 is found always, and one that did not never',
        slowed.every(({ countersFound }) => countersFound === runs) &&
          [...unchanged, ...slowed].every(({ counterAlarms }) => counterAlarms === 0),
      ),
    ],
  }
}
