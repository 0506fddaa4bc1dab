import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from 'simple-statistics'
import { type Claim, judged } from '../../gate/self-test/certify.ts'
import { runTrial, type Trial, type TrialPlan } from './trial.ts'

const PLAN: TrialPlan = { n: 10, cpuMs: 200, slowdowns: [0.1, 0.2, 0.5] }

export interface RealCertificate {
  /**
   * Cores of the machine, and its one-minute load average before the first run: above the number of cores it is busy.
   */
  cores: number
  load: number
  n: number
  /** Figures tested in each run. */
  tests: number
  /** Median over all phases of the sd of the times divided by their mean. */
  spread: number
  outcomes: TrialOutcome[]
  claims: Claim[]
}

interface Options {
  runs: number
  plan?: TrialPlan
  signal: AbortSignal
  onProgress: (line: string) => void
}

/** Tries the gate on this machine: a fixture prover against itself, and against itself slowed down, alternating. */
export async function certifyHere({
  runs,
  plan = PLAN,
  signal,
  onProgress,
}: Options): Promise<RealCertificate> {
  const [cores, load] = [availableParallelism(), loadavg()[0]!]
  const dir = await mkdtemp(join(tmpdir(), 'provemark-self-test-'))
  const slowdowns = [0, ...plan.slowdowns]
  const trials = slowdowns.map((): Trial[] => [])
  try {
    for (let run = 1; run <= runs; run++) {
      for (const [i, slowdown] of slowdowns.entries()) {
        onProgress(`fixture prover: run ${run} of ${runs}, slowed down by ${100 * slowdown} %`)
        trials[i]!.push(await runTrial({ plan, slowdown, dir, signal }))
      }
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
  const all = trials.flat()
  const outcomes = slowdowns.map((slowdown, i) => countOutcome(slowdown, trials[i]!))
  return {
    cores,
    load,
    n: plan.n,
    tests: all[0]!.tests,
    spread: median(all.flatMap(({ phases }) => phases.map(({ spread }) => spread))),
    outcomes,
    claims: claimsOf(outcomes),
  }
}

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
  const unchanged = outcomes.filter(({ slowdown }) => slowdown === 0)
  const changed = outcomes.filter(({ slowdown }) => slowdown > 0)
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
