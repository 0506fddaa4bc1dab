import { median, quantileSorted } from 'simple-statistics'
import type { Interval } from './median-interval.ts'
import { createIndexSource } from './random.ts'

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

function redrawAll(sample: readonly number[], drawIndex: DrawIndex): () => number {
  return () => median(Array.from(sample, () => sample[drawIndex(sample.length)] as number))
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
