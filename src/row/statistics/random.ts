import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { quantileSorted } from 'simple-statistics'
import type { Interval } from './describe.ts'

/** A seeded source of indices 0 .. n - 1, the same from run to run and on every machine. */
export function createIndexSource(seed: number): (n: number) => number {
  const generator = xoroshiro128plus(seed)
  return (n) => uniformInt(generator, 0, n - 1)
}

/** A seeded source of uniform numbers in [0, 1), for the self-tests of the statistics. */
export function drawUniform(seed: number): () => number {
  const generator = xoroshiro128plus(seed)
  return () => uniformFloat64(generator)
}

/** Log-normal numbers with median 1: right-skewed, as times are. `spread` is the sd of the logarithm. */
export function drawLogNormal(spread: number, seed: number): () => number {
  const uniform = drawUniform(seed)
  return () => {
    const normal = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
    return Math.exp(spread * normal)
  }
}

interface BootstrapOptions {
  confidence?: number
  resamples?: number
  seed?: number
}

// From this n on, the median of n draws is close enough to normal: within a hundredth of its own spread.
const LARGE_N = 400

/**
 * Percentile bootstrap interval of a statistic of the medians of one or more independent samples (such as their ratio).
 * Each sample is redrawn separately with replacement. The same seed gives the same interval. Null if a sample is empty.
 * For the median of one sample, use `estimateMedianInterval`, which is exact and closer to its confidence.
 */
export function bootstrapMedians(
  samples: readonly (readonly number[])[],
  combine: (medians: number[]) => number,
  { confidence = 0.95, resamples = 2000, seed = 1 }: BootstrapOptions = {},
): Interval | null {
  if (samples.length === 0 || samples.some((sample) => sample.length === 0)) return null
  const drawIndex = createIndexSource(seed)
  const redraws = samples.map((sample) =>
    sample.length < LARGE_N ? redrawAll(sample, drawIndex) : redrawMedian(sample, drawIndex),
  )
  const estimates = Array.from({ length: resamples }, () => combine(redraws.map((redraw) => redraw())))
  estimates.sort((a, b) => a - b)
  return {
    lo: quantileSorted(estimates, (1 - confidence) / 2),
    hi: quantileSorted(estimates, (1 + confidence) / 2),
    confidence,
  }
}

type DrawIndex = (n: number) => number

/** The median of a redrawn sample, by counting how often each place of the sorted sample is drawn: nothing is sorted again. */
function redrawAll(sample: readonly number[], drawIndex: DrawIndex): () => number {
  const n = sample.length
  const sorted = Float64Array.from(sample).toSorted()
  const places = new Uint16Array(n)
  for (const [place, index] of [...sample.keys()].toSorted((a, b) => sample[a]! - sample[b]!).entries())
    places[index] = place
  const counts = new Uint16Array(n)
  return () => {
    counts.fill(0)
    for (let i = 0; i < n; i++) counts[places[drawIndex(n)]!]!++
    let place = 0
    let passed = counts[0]!
    while (2 * passed < n) passed += counts[++place]!
    const middle = sorted[place]!
    if (2 * passed > n) return middle
    while (counts[++place] === 0);
    return (middle + sorted[place]!) / 2
  }
}

/**
 * The median of a redrawn large sample, without redrawing it. It is the sample's quantile at the median of n uniform
 * numbers. That median follows a beta distribution with sd 1 / (2 sqrt(n + 2)), which is nearly normal at this n.
 */
function redrawMedian(sample: readonly number[], drawIndex: DrawIndex): () => number {
  const sorted = Float64Array.from(sample).toSorted()
  const n = sorted.length
  return () => sorted[Math.floor(n * (0.5 + drawNormal(drawIndex) / (2 * Math.sqrt(n + 2))))]!
}

const STEPS = 2 ** 30

/** Box-Muller. Never further than 6.5 from 0, which stays well inside any large sample. */
function drawNormal(drawIndex: DrawIndex): number {
  const radius = Math.sqrt(-2 * Math.log((drawIndex(STEPS) + 0.5) / STEPS))
  return radius * Math.cos((2 * Math.PI * drawIndex(STEPS)) / STEPS)
}
