import { readBudgets } from '../budget.ts'
import { judge } from '../judge.ts'
import { gateSchema } from '../schema.ts'
import { type Series, startSeries } from '../../row/series.ts'
import { Samples } from '../../row/figures.ts'
import { createClock, NOISE, type NoiseModel } from './noise.ts'

export interface Scenario {
  /** Simulated runs. */
  runs: number
  /** Noisy gates of each run, each with a counter as well. */
  gates: number
  /** Repetitions on both sides. */
  n: number
  /** Limit of every time, such as `+5%`. */
  budget: string
  /** Growth of one time in each run; 0 for runs without a change. If not 0, a counter grows by 1 too. */
  slowdown: number
  noise?: NoiseModel
  seed: number
}

export interface Outcome extends Scenario {
  /** Runs in which an unchanged time failed. */
  falseAlarms: number
  /** Runs in which the slowed time failed. */
  found: number
  /** Runs in which the counter that grew by 1 failed. */
  countersFound: number
  /** Runs in which an unchanged counter failed. */
  counterAlarms: number
}

/** The true times range from 1 to 20 s, so that the floor never decides. */
const LONGEST_S = 20
const COUNTER = 23_521_323

/** Judges simulated runs with the real gate and counts its verdicts. */
export function simulate(scenario: Scenario): Outcome {
  const { runs, gates, n, budget, slowdown, noise = NOISE, seed } = scenario
  const { budgets } = readBudgets([`time_s=${budget}`, 'ecc.totalCost=0%'])
  const rules = gateSchema.parse({})
  const measure = createClock(noise, seed)
  const templates = Array.from({ length: gates }, (_, i) =>
    startSeries({
      phase: 'compile',
      track: 'self-test',
      point: String(i),
      params: { i },
      prover: { name: 'x' },
    }),
  )
  const trueTimeS = (i: number) => LONGEST_S ** (gates > 1 ? i / (gates - 1) : 0)
  const side = (slowed: number): Series[] =>
    templates.map((template, i) => {
      const isSlowed = i === slowed
      const times = measure(trueTimeS(i) * (isSlowed ? 1 + slowdown : 1), n)
      return {
        ...template,
        statuses: new Map([['ok', n]]),
        numbers: new Map([
          ['time_s', new Samples(times)],
          ['ecc.totalCost', new Samples([isSlowed ? COUNTER + 1 : COUNTER])],
        ]),
      }
    })
  const outcome: Outcome = { ...scenario, falseAlarms: 0, found: 0, countersFound: 0, counterAlarms: 0 }
  for (let run = 0; run < runs; run++) {
    const slowed = slowdown > 0 ? run % gates : -1
    const { checks } = judge({ base: side(-1), now: side(slowed), budgets, rules, seed: null })
    const failed = checks.filter(({ verdict }) => verdict === 'regression')
    const count = (metric: string, isTrue: boolean) =>
      failed.some((check) => check.metric === metric && (check.point === String(slowed)) === isTrue) ? 1 : 0
    outcome.found += count('time_s', true)
    outcome.falseAlarms += count('time_s', false)
    outcome.countersFound += count('ecc.totalCost', true)
    outcome.counterAlarms += count('ecc.totalCost', false)
  }
  return outcome
}
