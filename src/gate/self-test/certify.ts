import { BUSY, IDLE, STEADY } from './noise.ts'
import { type Outcome, type Scenario, simulate } from './simulate.ts'

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

const MOST_FALSE_ALARMS = 0.01
const TURNS = { kind: 'turns', pairs: 20 } as const
const UNTIL_DECIDED = { kind: 'until-decided' } as const
const against = (baseline: number, iterations = 10) => ({ kind: 'runs', baseline, iterations }) as const

/** A scenario, and what it has to reach. */
interface Trial extends Omit<Scenario, 'runs' | 'seed'> {
  /** Part of `runs` to simulate; less than 1 if one takes long, more if a rate is close to what is claimed. */
  part?: number
  claims: (outcome: Outcome) => Claim[]
}

const few = ({ falseAlarms, runs, gates }: Outcome) =>
  judged(
    `a false regression in at most 1 % of comparisons of ${gates} budgets`,
    falseAlarms <= MOST_FALSE_ALARMS * runs,
  )
const found = (least: number) => (outcome: Outcome) => [
  judged(
    `at least ${100 * least} % of slowdowns of ${Math.round(100 * outcome.slowdown)} % found`,
    outcome.found >= least * outcome.runs,
  ),
  few(outcome),
]

/** What docs/gate.md claims. */
const TRIALS: Trial[] = [
  ...[IDLE, BUSY].flatMap((noise) =>
    [against(1), against(1, 80), against(5), TURNS, UNTIL_DECIDED].map((design): Trial => ({
      design,
      noise,
      gates: 50,
      budget: '+5%',
      slowdown: 0,
      ...(design.kind === 'until-decided' ? { part: 0.2 } : {}),
      claims: (outcome) => [few(outcome)],
    })),
  ),
  {
    design: TURNS,
    noise: IDLE,
    gates: 50,
    budget: '+10%',
    slowdown: 0,
    claims: ({ ok, unchanged }) => [
      judged('at least 90 % of unchanged times are ok at a limit of +10 %', ok >= 0.9 * unchanged),
    ],
  },
  {
    design: TURNS,
    noise: IDLE,
    gates: 12,
    budget: '+5%',
    slowdown: 0.2,
    claims: found(0.95),
  },
  {
    design: UNTIL_DECIDED,
    noise: BUSY,
    gates: 12,
    budget: '+5%',
    slowdown: 0.2,
    claims: (outcome) => [
      ...found(0.8)(outcome),
      judged('at most 1 % of them are ok', outcome.hidden <= 0.01 * outcome.runs),
    ],
  },
  // What lasts on a machine averages out slowly.
  ...[
    { noise: IDLE, iterations: 10, claims: found(0.8) },
    { noise: IDLE, iterations: 30, claims: found(0.9) },
    { noise: IDLE, iterations: 80, part: 4, claims: found(0.95) },
    { noise: STEADY, iterations: 10, claims: found(0.9) },
  ].map(({ iterations, ...own }): Trial => ({
    ...own,
    design: against(1, iterations),
    gates: 10,
    budget: '+5%',
    slowdown: 1,
  })),
  {
    design: against(1, 30),
    noise: IDLE,
    gates: 50,
    budget: '+5%',
    slowdown: 2,
    claims: found(0.99),
  },
]

export interface Certificate {
  outcomes: Outcome[]
  claims: Claim[]
}

/** Simulates comparisons with the real gate, and states the claims to meet. */
export function certify({ runs, seed }: { runs: number; seed: number }): Certificate {
  const outcomes = TRIALS.map(({ part = 1, ...trial }, i) =>
    simulate({ ...trial, runs: Math.max(1, Math.round(part * runs)), seed: seed + 7919 * i }),
  )
  return {
    outcomes,
    claims: [
      ...outcomes.flatMap((outcome, i) =>
        TRIALS[i]!.claims(outcome).map((claim) => ({
          ...claim,
          text: `${describeScenario(outcome)}: ${claim.text}`,
        })),
      ),
      judged(
        'a counter that grew by 1 is found always, and one that did not never',
        outcomes.every(
          ({ slowdown, countersFound, counterAlarms, runs: own }) =>
            countersFound === (slowdown > 0 ? own : 0) && counterAlarms === 0,
        ),
      ),
    ],
  }
}

/** `idle, in turns, 20 pairs` or `idle, one run against one, 10 iterations`. */
export function describeScenario({ design, noise }: Pick<Scenario, 'design' | 'noise'>): string {
  const where = noise.name
  if (design.kind === 'turns') return `${where}, in turns, ${design.pairs} pairs`
  if (design.kind === 'until-decided') return `${where}, until decided`
  const baseline = design.baseline === 1 ? 'one' : design.baseline
  return `${where}, one run against ${baseline}, ${design.iterations} iterations`
}
