import { ProvemarkError } from '../../errors.ts'
import { readBudgets, gateSchema } from '../../gate/options.ts'
import { judge } from '../../gate/judge.ts'
import { splitSides } from '../../gate/pair.ts'
import type { Check } from '../../gate/verdict.ts'
import { type Phase, PHASES, type Row } from '../../row/schema.ts'
import { foldRows } from '../../row/series.ts'
import { describe } from '../../row/statistics/describe.ts'
import { runSides } from './run-sides.ts'
import { type Claim, judged } from '../../gate/self-test/certify.ts'

/** Parameters of a trial of the fixture prover. */
export interface TrialPlan {
  /** Iterations of every phase on both sides. */
  n: number
  /** CPU time of a phase that is not slowed down, ms; several times the start-up time of its program. */
  cpuMs: number
  slowdowns: readonly number[]
}

/** Results of one trial, from the gate and its rows. */
export interface Trial {
  /** Figures tested. */
  tests: number
  /** Whether an unchanged figure failed. */
  falseAlarm: boolean
  /** For each phase, whether its time failed, and the relative sd of its times on the noisier side. */
  phases: { found: boolean; spread: number }[]
  /** Whether the counter that grew by 1 failed. */
  counterFound: boolean
}

export const TRIAL_LIMIT = '+5%'
const COST = 1000

interface TrialOptions {
  plan: TrialPlan
  /** Growth of the CPU time of all phases on the second side; 0 for no change. If not 0, a counter grows by 1 too. */
  slowdown: number
  dir: string
  signal: AbortSignal
}

/**
 * Runs the fixture prover alternately with itself, or with a slower self, and lets the gate judge it.
 * @throws ProvemarkError PHASE_FAILED if it did not run; the signal's reason if it was aborted
 */
export async function runTrial({ plan, slowdown, dir, signal }: TrialOptions): Promise<Trial> {
  const { n, cpuMs } = plan
  const base = { cpu_ms: cpuMs, cost: COST }
  const changed = { cpu_ms: cpuMs * (1 + slowdown), cost: slowdown > 0 ? COST + 1 : COST }
  const rows = await runSides({ settings: [base, changed], n, dir, signal })
  signal.throwIfAborted()
  refuseFailures(rows)
  const { tests, checks } = judgeSides(rows)
  const failed = checks.filter(({ verdict }) => verdict === 'regression')
  const isUnchanged = ({ metric }: Check) => slowdown === 0 || metric.startsWith('mem_mb')
  return {
    tests,
    falseAlarm: failed.some(isUnchanged),
    phases: PHASES.map((phase) => ({
      found: failed.some((check) => check.phase === phase && check.metric === 'time_s'),
      spread: Math.max(spreadOf(rows, phase, 'a'), spreadOf(rows, phase, 'b')),
    })),
    counterFound: failed.some(({ metric }) => metric === 'ecc.totalCost'),
  }
}

function refuseFailures(rows: readonly Row[]): void {
  const failed = rows.find(({ status }) => status !== 'ok')
  if (!failed) return
  throw new ProvemarkError(
    'PHASE_FAILED',
    `${failed.phase} of the fixture prover ended as ${failed.status}: ${failed.error?.message}`,
    { hint: 'check that this machine can start processes and write to its temporary folder' },
  )
}

function judgeSides(rows: readonly Row[]) {
  const { a, b } = splitSides(foldRows(rows, 'variants').series)
  const { budgets } = readBudgets([`time_s=${TRIAL_LIMIT}`, `mem_mb=${TRIAL_LIMIT}`, 'ecc.totalCost=0%'])
  // The fixture takes some tenths of a second. The default floor, meant for phases of seconds, would hide its
  // slowdowns.
  const rules = gateSchema.parse({ floors: { time_s: 0.005, mem_mb: 5 } })
  return judge({ now: b, base: a, budgets, rules, sides: true })
}

function spreadOf(rows: readonly Row[], phase: Phase, side: 'a' | 'b'): number {
  const own = rows.filter((row) => row.phase === phase && row.side === side)
  const { mean = 0, sd = null } = describe(own.flatMap(({ time_s }) => time_s ?? [])) ?? {}
  return sd === null ? Infinity : sd / mean
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
