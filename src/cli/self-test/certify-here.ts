import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { readBudgets } from '../../gate/budget.ts'
import { SeriesCollector } from '../../gate/collect.ts'
import { splitSides } from '../../gate/comparison.ts'
import { judge } from '../../gate/judge.ts'
import { gateSchema } from '../../gate/schema.ts'
import type { Claim } from '../../gate/self-test/certify.ts'
import type { GateReport } from '../../gate/verdict.ts'
import { PHASES, type Row } from '../../row/schema.ts'
import { runSides } from './run-sides.ts'

const N = 10
const WORK_MS = 80
const COST = 1000
/** What is injected on the second side of every second run: all phases work twice as long, and a counter is up by 1. */
const SLOWDOWN = 1
/** On a machine that does something else beside, a slowdown may drown now and then. */
const LEAST_POWER = 0.9

export interface RealOutcome {
  /** Cores of the machine, and its load average over a minute before the first run: above the cores it is busy. */
  cores: number
  load: number
  /** Runs without a change, and runs with one. */
  runs: number
  /** Figures tested in each run. */
  tests: number
  falseAlarms: number
  /** Phases that were slowed down, and those of them that failed. */
  slowed: number
  found: number
  /** Runs in which the counter that grew by 1 failed. */
  countersFound: number
}

export interface RealCertificate {
  outcome: RealOutcome
  claims: Claim[]
}

interface Options {
  runs: number
  signal: AbortSignal
  onProgress: (line: string) => void
}

/** The same on this machine: a fixture prover against itself, and against itself slowed down, in turns. */
export async function certifyHere({ runs, signal, onProgress }: Options): Promise<RealCertificate> {
  const dir = await mkdtemp(join(tmpdir(), 'provemark-self-test-'))
  const outcome: RealOutcome = {
    cores: availableParallelism(),
    load: loadavg()[0]!,
    runs,
    tests: 0,
    falseAlarms: 0,
    slowed: 0,
    found: 0,
    countersFound: 0,
  }
  const base = { work_ms: WORK_MS, cost: COST }
  const slower = { work_ms: WORK_MS * (1 + SLOWDOWN), cost: COST + 1 }
  try {
    for (let run = 1; run <= runs; run++) {
      onProgress(`fixture prover: run ${run} of ${runs}`)
      const same = judgeSides(await runSides({ settings: [base, base], n: N, dir, signal }))
      const slowed = judgeSides(await runSides({ settings: [base, slower], n: N, dir, signal }))
      outcome.tests = same.tests
      outcome.falseAlarms += failuresOf(same, '').length > 0 ? 1 : 0
      outcome.slowed += PHASES.length
      outcome.found += failuresOf(slowed, 'time_s').length
      outcome.countersFound += failuresOf(slowed, 'ecc.totalCost').length === 1 ? 1 : 0
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
  return { outcome, claims: claimsOf(outcome) }
}

function judgeSides(rows: readonly Row[]): GateReport {
  const collector = new SeriesCollector()
  for (const row of rows) collector.add(row)
  const { a, b } = splitSides(collector.select('all'))
  const { budgets } = readBudgets(['time_s=+5%', 'mem_mb=+5%', 'ecc.totalCost=0%'])
  // A fixture takes a tenth of a second: the floor of seconds-long phases would pass anything.
  const rules = gateSchema.parse({ floors: { time_s: 0.005, mem_mb: 5 } })
  return judge({ now: b, base: a, budgets, rules, seed: null, sides: true })
}

function failuresOf({ checks }: GateReport, metric: string) {
  return checks.filter((check) => check.verdict === 'regression' && check.metric.startsWith(metric))
}

function claimsOf({ runs, falseAlarms, slowed, found, countersFound }: RealOutcome): Claim[] {
  return [
    { text: 'a fixture prover against itself raises no alarm', holds: falseAlarms === 0 },
    {
      text: `phases that work ${100 * SLOWDOWN} % longer are found in at least ${100 * LEAST_POWER} % of cases, where the machine is quiet`,
      holds: found >= LEAST_POWER * slowed,
    },
    { text: 'its counter that grew by 1 is found', holds: countersFound === runs },
  ]
}
