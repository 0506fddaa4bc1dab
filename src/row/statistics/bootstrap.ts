import { median, quantileSorted } from 'simple-statistics'
import type { Interval } from './median-interval.ts'
import { createIndexSource } from './random.ts'

interface BootstrapOptions {
  confidence?: number
  resamples?: number
  seed?: number
}

// From here on the median of n draws is placed as a normal number is, to a hundredth of its own spread.
const LARGE_N = 400

/**
 * Percentile bootstrap interval of what the medians of one or more independent samples give (their ratio, say): each
 * sample is redrawn with replacement by itself. The same seed gives the same interval. Null where a sample is empty.
 * For the median of one sample `estimateMedianInterval` is closer to its confidence and exact.
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
 * The median of a large sample redrawn, without the redrawing: it is the sample's own value at the median of n uniform
 * numbers, which follow a beta distribution, its sd 1 / (2 sqrt(n + 2)), and by now a normal one.
 */
function redrawMedian(sample: readonly number[], drawIndex: DrawIndex): () => number {
  const sorted = Float64Array.from(sample).toSorted()
  const n = sorted.length
  return () => sorted[Math.floor(n * (0.5 + drawNormal(drawIndex) / (2 * Math.sqrt(n + 2))))]!
}

const STEPS = 2 ** 30

/** Box and Muller's; no further than 6.5 from 0, well inside any sample that is large. */
function drawNormal(drawIndex: DrawIndex): number {
  const radius = Math.sqrt(-2 * Math.log((drawIndex(STEPS) + 0.5) / STEPS))
  return radius * Math.cos((2 * Math.PI * drawIndex(STEPS)) / STEPS)
}
