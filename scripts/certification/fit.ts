import jStat from 'jstat'
import {
  mean,
  median,
  medianAbsoluteDeviation,
  sampleCorrelation,
  standardDeviation,
} from 'simple-statistics'
import type { FigureNoise, NoiseModel } from '../../src/gate/self-test/noise.ts'
import { LEAST_S, type Line, readRealRuns } from './real-runs.ts'
import { DISTURBED_SHARE } from '../../src/row/disturbance.ts'
import { PHASES } from '../../src/row/schema.ts'
import { getOrAdd } from '../../src/row/collections.ts'
import { MAD_TO_SD } from '../../src/row/statistics/change.ts'
import { fitComponents, type Layout, type Vector } from './components.ts'

/** Consecutive iterations of one figure, in the order in which they ran. */
export interface Sequence {
  times: number[]
  /** Share of each that others held up; null where the row does not say. */
  disturbed: (number | null)[]
  /** Which of the two sides each belongs to; absent for a run. */
  sides?: ('a' | 'b')[]
}

/** From this many robust sds above the median of its sequence on, an iteration belongs to a burst. */
const BURST = 5

/** Fits the noise of figures to separate runs and comparisons of one build. */
export function fitFigures(figures: readonly (readonly Sequence[])[]): FigureNoise[] {
  const taken = figures.map(takeApart)
  const components = fitComponents(taken.map(({ vectors }) => vectors))
  return taken.map(({ load, bursts }, i) => ({ ...components[i]!, ...load, ...bursts }))
}

/** Load, bursts, and what is left. */
function takeApart(sequences: readonly Sequence[]) {
  const others = sequences.map(({ disturbed }) => disturbed.map((share) => -Math.log1p(-(share ?? 0))))
  const rests = sequences.map(({ times }, i) => times.map((time, t) => Math.log(time) - others[i]![t]!))
  const excesses = rests.map((rest) => rest.map((log) => log - median(rest)))
  const limit = BURST * MAD_TO_SD * medianAbsoluteDeviation(excesses.flat())
  const vectors = sequences.map((sequence, i) =>
    toVector(sequence, rests[i]!, (t) => excesses[i]![t]! <= limit),
  )
  return {
    vectors: shareLayouts(vectors),
    load: describeLoad(others),
    bursts: describeBursts(excesses, limit),
  }
}

/** Fewer iterations than this do not show how they depend on each other. */
const LEAST_REPETITIONS = 10

/** Fits the noise of a machine to the files of its runs: one model for each phase of each prover that is long enough. */
export function fitMachine(files: readonly string[]): Omit<NoiseModel, 'name'> {
  const runs = files.flatMap(readRealRuns)
  const provers = [...Map.groupBy(runs, ([first]) => first!.prover)]
  const found = provers.flatMap(([prover, own]) =>
    PHASES.flatMap((phase) => {
      const sequences = own.flatMap((lines) => toSequence(lines.filter((line) => line.phase === phase)))
      const times = sequences.flatMap((sequence) => sequence.times)
      if (sequences.some((one) => one.times.length < LEAST_REPETITIONS) || !(median(times) >= LEAST_S))
        return []
      const figure = `${prover} ${phase}`
      const separate = sequences.filter(({ sides }) => !sides)
      const levels = separate.map(({ times: all, disturbed }) =>
        median(all.map((time, t) => Math.log(time) + Math.log1p(-(disturbed[t] ?? 0)))),
      )
      return [{ prover, figure, levels, sequences }]
    }),
  )
  const fitted = fitFigures(found.map(({ sequences }) => sequences))
  return {
    common: round(correlate(found)),
    figures: found.map(({ figure }, i) => ({ figure, ...roundAll(fitted[i]!) })),
  }
}

interface Levels {
  prover: string
  /** Level of each separate run. */
  levels: number[]
}

/** Correlation between the levels of the phases of one run. */
function correlate(figures: readonly Levels[]): number {
  const pairs = figures.flatMap((a, i) =>
    figures
      .slice(i + 1)
      .filter(({ prover }) => prover === a.prover)
      .map((b) => sampleCorrelation(a.levels, b.levels)),
  )
  return pairs.length ? Math.max(0, mean(pairs)) : 0
}

const round = (value: number) => Number(value.toPrecision(3))
const roundAll = (noise: FigureNoise) =>
  Object.fromEntries(
    Object.entries(noise).map(([name, value]) => [name, round(value)]),
  ) as unknown as FigureNoise

/** The iterations of one phase in a run or a comparison, in the order in which they ran. */
function toSequence(lines: readonly Line[]): Sequence[] {
  const [a, b] = [lines.find(({ side }) => side !== 'b'), lines.find(({ side }) => side === 'b')]
  if (!a) return []
  const shares = ({ disturbed, time_s: times }: Line) => disturbed ?? times.map(() => null)
  if (!b) return [{ times: a.time_s, disturbed: shares(a) }]
  const order = [a, b]
    .flatMap((line) => line.at!.map((at, pair) => ({ at, line, pair })))
    .toSorted((one, other) => one.at - other.at)
  return [
    {
      times: order.map(({ line, pair }) => line.time_s[pair]!),
      disturbed: order.map(({ line, pair }) => shares(line)[pair]!),
      sides: order.map(({ line }) => line.side!),
    },
  ]
}

function toVector({ sides }: Sequence, logs: readonly number[], isCounted: (t: number) => boolean): Vector {
  const sideAt = (t: number) => (sides?.[t] === 'b' ? 1 : 0)
  const counted = [...logs.keys()].filter(isCounted)
  const onSide = [0, 1].map((side) => [...logs.keys()].filter((t) => sideAt(t) === side))
  const layout: Layout = {
    at: counted,
    side: counted.map(sideAt),
    progress: counted.map((t) => {
      const own = onSide[sideAt(t)]!
      return own.indexOf(t) / Math.max(1, own.length - 1)
    }),
  }
  return { logs: counted.map((t) => logs[t]!), layout }
}

/** The same object for layouts that are alike, so that their covariance is worked out once. */
function shareLayouts(vectors: readonly Vector[]): Vector[] {
  const known = new Map<string, Layout>()
  return vectors.map(({ logs, layout }) => ({
    logs,
    layout: getOrAdd(known, JSON.stringify(layout), () => layout),
  }))
}

/** Bursts that no row explains: how often one begins, how long it lasts, and how much it adds. */
function describeBursts(excesses: readonly (readonly number[])[], limit: number) {
  const isIn = excesses.map((own) => own.map((excess) => excess > limit))
  const inside = excesses.flat().filter((excess) => excess > limit)
  const begins = isIn.flatMap((own) => own.filter((is, t) => is && !own[t - 1])).length
  return {
    bursts: begins / excesses.flat().length,
    burstLength: begins ? inside.length / begins : 1,
    burstMean: inside.length ? Math.expm1(mean(inside)) : 0,
  }
}

/**
 * What others took, as the rows tell: its mean, its sd, and the correlation of neighbours. On a quiet machine it is a few
 * short interruptions, so it is a normal variable of which the part below zero shows as none. What is too little to mark a
 * iteration only tells that it was little.
 */
function describeLoad(others: readonly (readonly number[])[]) {
  const all = others.flat()
  const { load, loadSpread } = fitCensored(all, -Math.log1p(-DISTURBED_SHARE))
  const [middle, variance] = [mean(all), standardDeviation(all) ** 2]
  const products = others.flatMap((own) => own.slice(1).map((one, t) => (one - middle) * (own[t]! - middle)))
  return { load, loadSpread, loadLasting: variance ? Math.max(0, mean(products) / variance) : 0 }
}

/** More than enough for three digits. */
const STEPS = 2000

/** Mean and sd of a normal variable of which only values from `limit` on are known, by expectation and maximization. */
function fitCensored(values: readonly number[], limit: number) {
  const known = values.filter((value) => value >= limit)
  if (!known.length) return { load: 0, loadSpread: 0 }
  const unknown = values.length - known.length
  let [load, loadSpread] = [mean(values as number[]), standardDeviation(values as number[])]
  if (!unknown) return { load, loadSpread }
  for (let step = 0; step < STEPS; step++) {
    const at = (limit - load) / loadSpread
    const hazard = Math.exp(-(at ** 2) / 2) / Math.sqrt(2 * Math.PI) / jStat.normal.cdf(at, 0, 1)
    const below = load - loadSpread * hazard
    const varianceBelow = loadSpread ** 2 * (1 - at * hazard - hazard ** 2)
    load = (known.reduce((sum, value) => sum + value, 0) + unknown * below) / values.length
    const squares = known.reduce((sum, value) => sum + (value - load) ** 2, 0)
    loadSpread = Math.sqrt((squares + unknown * (varianceBelow + (below - load) ** 2)) / values.length)
  }
  return { load, loadSpread }
}
