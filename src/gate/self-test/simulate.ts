import { Samples } from '../../row/figures.ts'
import { readBudgets, gateSchema } from '../options.ts'
import { judge } from '../judge.ts'
import { LOOKS } from '../noisy.ts'
import { type Series, startSeries } from '../../row/series.ts'
import { createClock, type NoiseModel } from './noise.ts'

/** How the two sides are measured. */
type Design =
  /** In turns. */
  | { kind: 'turns'; pairs: number }
  /** In turns until every budget is decided, at most to the last of the planned looks. */
  | { kind: 'until-decided' }
  /** One run against the runs of a baseline. */
  | { kind: 'runs'; baseline: number; iterations: number }

export interface Scenario {
  /** Simulated comparisons. */
  runs: number
  /** Noisy budgets of each, each with a counter as well. */
  gates: number
  design: Design
  /** Limit of every time, such as `+5%`. */
  budget: string
  /** Growth of one time in each comparison; 0 for no change. If not 0, a counter grows by 1 too. */
  slowdown: number
  noise: NoiseModel
  seed: number
}

export interface Outcome extends Scenario {
  /** Comparisons in which an unchanged time failed. */
  falseAlarms: number
  /** Times without a change, and those that were ok. */
  unchanged: number
  ok: number
  /** Comparisons in which the slowed time failed, and in which it was ok. */
  found: number
  hidden: number
  /** Comparisons in which the counter that grew by 1 failed. */
  countersFound: number
  /** Comparisons in which an unchanged counter failed. */
  counterAlarms: number
}

/** The true times range from 1 to 20 s, so that the floor never matters. */
const LONGEST_S = 20
const COUNTER = 23_521_323

/** Judges simulated comparisons with the real gate and counts its verdicts. */
export function simulate(scenario: Scenario): Outcome {
  const { runs, gates, design, budget, slowdown, noise, seed } = scenario
  const { budgets } = readBudgets([`time_s=${budget}`, 'ecc.totalCost=0%'])
  const rules = gateSchema.parse({ floors: { time_s: 0, mem_mb: 0 } })
  const clock = createClock(seed)
  const noiseOf = (i: number) => noise.figures[i % noise.figures.length]!
  /** Effects of one run on each figure, which have a part in common. */
  const drawEffects = () => {
    const common = clock.normal()
    return templates.map(
      () => Math.sqrt(noise.common) * common + Math.sqrt(1 - noise.common) * clock.normal(),
    )
  }
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
  const outcome: Outcome = {
    ...scenario,
    falseAlarms: 0,
    unchanged: 0,
    ok: 0,
    found: 0,
    hidden: 0,
    countersFound: 0,
    counterAlarms: 0,
  }
  for (let comparison = 0; comparison < runs; comparison++) {
    const slowed = slowdown > 0 ? comparison % gates : -1
    const series = (i: number, name: string, times: readonly number[], isSlowed = false): Series => ({
      ...templates[i]!,
      shares: new Samples(),
      run: name,
      statuses: new Map([['ok', times.length]]),
      numbers: new Map([
        ['time_s', new Samples(times.map((time) => time * trueTimeS(i) * (isSlowed ? 1 + slowdown : 1)))],
        ['ecc.totalCost', new Samples([isSlowed ? COUNTER + 1 : COUNTER])],
      ]),
    })
    const judged = () => {
      if (design.kind === 'runs') {
        const measure = (name: string, isNow = false) => {
          const effects = drawEffects()
          return templates.map((_, i): Series => {
            const { times, disturbed } = clock.run(noiseOf(i), design.iterations, effects[i])
            return { ...series(i, name, times, isNow && i === slowed), shares: new Samples(disturbed) }
          })
        }
        const base = Array.from({ length: design.baseline }, (_, k) => measure(String(k))).flat()
        const now = measure('now', true)
        return judge({ base, now, budgets, rules })
      }
      const isGrowing = design.kind === 'until-decided'
      const looks = isGrowing ? LOOKS : [design.pairs]
      const sides = templates.map((_, i) => clock.turns(noiseOf(i), looks.at(-1)!))
      const look = (pairs: number) =>
        judge({
          base: sides.map(([a], i) => series(i, 'turns', a!.times.slice(0, pairs))),
          now: sides.map(([, b], i) => series(i, 'turns', b!.times.slice(0, pairs), i === slowed)),
          budgets,
          rules,
          sides: true,
          looks: looks.length,
        })
      for (const pairs of looks.slice(0, -1)) {
        const report = look(pairs)
        if (!report.counts['inconclusive']) return report
      }
      return look(looks.at(-1)!)
    }
    const { checks } = judged()
    const count = (metric: string, verdict: string, isTrue: boolean) =>
      checks.filter(
        (check) =>
          check.verdict === verdict && check.metric === metric && (check.point === String(slowed)) === isTrue,
      ).length
    outcome.falseAlarms += Math.min(1, count('time_s', 'regression', false))
    outcome.ok += count('time_s', 'ok', false)
    outcome.unchanged += gates - (slowed < 0 ? 0 : 1)
    outcome.found += count('time_s', 'regression', true)
    outcome.hidden += count('time_s', 'ok', true)
    outcome.countersFound += Math.min(1, count('ecc.totalCost', 'regression', true))
    outcome.counterAlarms += Math.min(1, count('ecc.totalCost', 'regression', false))
  }
  return outcome
}
