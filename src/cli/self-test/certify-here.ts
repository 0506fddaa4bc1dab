import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from 'simple-statistics'

import type { Claim } from '../../gate/self-test/claim.ts'
import { claimsOf, countOutcome, type TrialOutcome } from './outcome.ts'
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

/** The same on this machine: a fixture prover against itself, and against itself slowed down, alternating. */
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
