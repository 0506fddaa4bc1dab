import { ProvemarkError } from '../../errors.ts'
import { judge } from '../../gate/judge.ts'
import { gateSchema, readBudgets } from '../../gate/options.ts'
import { splitSides } from '../../gate/pair.ts'
import type { Check } from '../../gate/verdict.ts'
import { generateLenet } from '../../model/generate/cnn.ts'
import { resolveOptions, runSchema } from '../../plan/options.ts'
import type { PlannedProver } from '../../plan/plan.ts'
import { PointRun } from '../../point/point-run.ts'
import { interleave } from '../../point/schedule.ts'
import { phasesOf, type Settings } from '../../prover/contract.ts'
import { type Phase, PHASES, type Row } from '../../row/schema.ts'
import { foldRows } from '../../row/series.ts'
import { describe } from '../../row/statistics/describe.ts'
import { readMachine } from '../../system/machine.ts'
import fixtureProver from './fixture-prover.ts'

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

interface SidesOptions {
  /** Settings of the fixture prover on both sides. */
  settings: [Settings, Settings]
  /** Iterations of every phase on both sides. */
  n: number
  /** Folder for all output. */
  dir: string
  signal: AbortSignal
}

/** Measures two sides of the fixture prover alternately, like `provemark compare`, and returns their rows. */
async function runSides({ settings, n, dir, signal }: SidesOptions): Promise<Row[]> {
  const located = await fixtureProver.locate({})
  const provers = settings.map((own, i): PlannedProver => {
    const { name } = fixtureProver
    const side = i === 0 ? 'a' : 'b'
    return { name, source: name, label: side, side, located, settings: own, phases: phasesOf(fixtureProver) }
  })
  const section = runSchema.parse({ iterations: n, memory_guard: false, onnx_dir: dir, inputs_dir: dir })
  const plan = {
    run_id: 'self-test',
    root: dir,
    options: resolveOptions({ ...section, work_dir: dir }, dir),
    machine: await readMachine(),
  }
  const { seed } = plan.options
  const point = { id: 'lenet', params: { seed }, model: () => generateLenet({ seed }) }
  const progress = () => () => {}
  const runs = provers.map(
    (planned) => new PointRun({ plan, track: 'self-test', point, prover: fixtureProver, planned, progress }),
  )
  const rows: Row[] = []
  for (const phase of PHASES) {
    const sides = runs.map((run) => run.runPhase(phase, { signal, record: async () => {} }))
    rows.push(...(await interleave(sides)).flat())
  }
  for (const run of runs) await run.dispose()
  return rows
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
