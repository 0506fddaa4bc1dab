import jStat from 'jstat'
import { mean, median, medianAbsoluteDeviation, sampleVariance } from 'simple-statistics'
import type { Interval } from './describe.ts'

/** What two sides show about the change of a figure: the logarithm of now : base, and its uncertainty. */
export interface Change {
  /** Natural logarithm: 0.0953 is +10 %. */
  log: number
  /** Standard error of that logarithm. */
  se: number
  /** Degrees of freedom of the standard error. */
  df: number
}

/** Fewer pairs than this show nothing about their own scatter. */
export const LEAST_PAIRS = 4
/**
 * Two sides of one comparison differ by this sd although nothing changed: their files are at different places in
 * memory.
 */
const SIDE_SD = 0.015
/** Deviations beyond this many standard deviations count as this many, so that one burst does not hide a change. */
const CLIP = 2
/** MAD of a normal distribution with an sd of 1, inverted. */
export const MAD_TO_SD = 1.4826

/**
 * The change between two sides that were measured in turns, from the ratios of their pairs: whatever affects both of a
 * pair alike cancels out. Neighbouring pairs are not independent, so the standard error comes from the slower two thirds
 * of the fluctuations of the series, as in Lazarus, Lewis, Stock and Watson (Journal of Business and Economic Statistics
 * 36, 2018), with as many degrees of freedom. They recommend using fewer; docs/gate.md says on which runs two thirds was
 * chosen.
 *
 * @param base,now figures in the order in which they were measured, > 0; the n-th of both are a pair
 * @returns null for fewer than four pairs
 */
export function changeOfPairs(base: readonly number[], now: readonly number[]): Change | null {
  const n = Math.min(base.length, now.length)
  if (n < LEAST_PAIRS) return null
  const ratios = clip(Array.from({ length: n }, (_, i) => Math.log(now[i]! / base[i]!)))
  const df = Math.ceil((2 * n) / 3)
  let variance = 0
  for (let j = 1; j <= df; j++) variance += cosineOf(ratios, j) ** 2 / df / n
  return { log: mean(ratios), se: Math.hypot(Math.sqrt(variance), SIDE_SD), df }
}

/** A series whose mean is Huber's one-step estimate: values far from the median are pulled in. */
function clip(values: readonly number[]): number[] {
  const middle = median(values as number[])
  const sd = MAD_TO_SD * medianAbsoluteDeviation(values as number[])
  if (sd === 0) return [...values]
  const steps = values.map((value) => (value - middle) / sd)
  const inside = steps.filter((step) => Math.abs(step) < CLIP).length / values.length
  return steps.map((step) => middle + (sd * Math.max(-CLIP, Math.min(CLIP, step))) / inside)
}

/** Coefficient of the j-th cosine of a series (DCT-II, orthonormal). */
function cosineOf(values: readonly number[], j: number): number {
  const n = values.length
  const sum = values.reduce((total, value, t) => total + value * Math.cos((Math.PI * j * (t + 0.5)) / n), 0)
  return Math.sqrt(2 / n) * sum
}

/** The assumed scatter between runs has the weight of this many measured runs beyond the first. */
const PRIOR_WEIGHT = 10
/**
 * Degrees of freedom of that assumption. It comes from many more runs than its weight: it has to give way if runs on a
 * machine scatter more, and yet one run against one must be able to find a prover that takes twice as long.
 */
const PRIOR_DF = 60
/** Iterations of one run depend on each other, as docs/gate.md shows (`lasting`): this many count as one. */
const DEPENDENT = 6
/** Fewer iterations than this do not show how much they scatter. */
const LEAST_ITERATIONS = 5

/**
 * The change between runs of a baseline and later ones, of which there is usually one. A run counts once, however many
 * iterations it has, because they share the state of the machine. How much runs differ is assumed beforehand and
 * combined with what they show, so that two runs of a baseline that happen to agree prove nothing. The scatter of the
 * iterations is added. The level of a run is the mean of the logarithms with values far from the median pulled in: it
 * scatters less from run to run than the median does, as docs/gate.md shows.
 *
 * @param base,now the iterations of each run, > 0; at least one run with at least one iteration each
 * @param priorSd sd of the logarithm between separate runs of the same build: 0.1 is 10 %
 */
export function changeOfRuns(
  base: readonly (readonly number[])[],
  now: readonly (readonly number[])[],
  priorSd: number,
): Change {
  const [before, after] = [base, now].map((runs) => describeRuns(runs, priorSd)) as [Runs, Runs]
  const more = base.length + now.length - 2
  const between = (PRIOR_WEIGHT * priorSd ** 2 + before.squares + after.squares) / (PRIOR_WEIGHT + more)
  const variance = between * (1 / base.length + 1 / now.length) + before.within + after.within
  return { log: after.centre - before.centre, se: Math.sqrt(variance), df: PRIOR_DF + more }
}

interface Runs {
  /** Mean of the logarithms of their levels. */
  centre: number
  /** Sum of the squares around it. */
  squares: number
  /** What the scatter of their iterations adds to the variance of the centre. */
  within: number
}

function describeRuns(runs: readonly (readonly number[])[], priorSd: number): Runs {
  const clipped = runs.map((run) => clip(run.map(Math.log)))
  const levels = clipped.map(mean)
  const centre = mean(levels)
  return {
    centre,
    squares: levels.reduce((sum, level) => sum + (level - centre) ** 2, 0),
    within: mean(clipped.map((run) => varianceOfLevel(run, priorSd))) / runs.length,
  }
}

/** Variance of a run's level according to its iterations; that between runs if they are too few. */
function varianceOfLevel(clipped: number[], priorSd: number): number {
  if (clipped.length < LEAST_ITERATIONS) return priorSd ** 2
  return (sampleVariance(clipped) * DEPENDENT) / clipped.length
}

/** One-sided p values for a growth and a fall: how likely a change this large is if there is none. */
export const pIncrease = ({ log, se, df }: Change) => jStat.studentt.cdf(-log / se, df)
export const pDecrease = ({ log, se, df }: Change) => jStat.studentt.cdf(log / se, df)

/** Growth as a fraction: 0.1 is +10 %. */
export const growthOf = ({ log }: Change) => Math.expm1(log)

/** One-sided upper limit of the growth. */
export function upperGrowth({ log, se, df }: Change, confidence: number): number {
  return Math.expm1(log + quantile(confidence, df) * se)
}

/** Two-sided interval of the growth. */
export function growthInterval({ log, se, df }: Change, confidence = 0.95): Interval {
  const reach = quantile((1 + confidence) / 2, df) * se
  return { lo: Math.expm1(log - reach), hi: Math.expm1(log + reach), confidence }
}

/** The smallest growth that a comparison with this uncertainty finds with this power, at a one-sided alpha. */
export function detectableGrowth(
  { se, df }: Pick<Change, 'se' | 'df'>,
  { alpha, limit, power = 0.95 }: { alpha: number; limit: number; power?: number },
): number {
  const needed = Math.max(quantile(1 - alpha, df) * se, Math.log1p(limit))
  return Math.expm1(needed + quantile(power, df) * se)
}

const quantile = (p: number, df: number) => jStat.studentt.inv(p, df)

/** Holm's step-down adjustment: the p values if all tests of a run share one false alarm rate, in the same order. */
export function adjustHolm(pValues: readonly number[]): number[] {
  const ascending = [...pValues.keys()].toSorted((a, b) => pValues[a]! - pValues[b]!)
  const adjusted: number[] = []
  let least = 0
  for (const [rank, index] of ascending.entries()) {
    least = Math.max(least, Math.min(1, pValues[index]! * (pValues.length - rank)))
    adjusted[index] = least
  }
  return adjusted
}
