import { z } from 'zod'
import { estimateMedianInterval, type Interval, relativeHalfWidth } from './describe.ts'
import { testDrift } from './noise.ts'

/** A plan to repeat a phase until its median is known precisely enough. Stored in a row at `settings.sampling`. */
export const samplingSchema = z
  .strictObject({
    target: z.number().positive().default(0.05).describe('relative half-width of the interval to reach'),
    confidence: z.number().min(0.5).max(0.999).default(0.95).describe('confidence of the interval'),
    min: z.int().min(1).default(6).describe('fewest iterations'),
    max: z.int().min(1).default(30).describe('most iterations'),
    budget_s: z.number().positive().default(300).describe('wall clock to spend on one phase of a point, s'),
  })
  .refine(({ min, max }) => min <= max, { message: 'at most max', path: ['min'] })
export type Sampling = z.infer<typeof samplingSchema>

interface Decision {
  done: boolean
  /** Why to stop, or 'continue'. */
  reason: 'continue' | 'target' | 'max' | 'budget'
  interval: Interval | null
  /** Half-width of the interval over the median; null if there is no interval yet. */
  relative_half_width: number | null
  /** Whether the interval is as narrow as requested and the series does not drift. */
  met: boolean
}

interface Progress {
  /** Times of the successful iterations so far, in order, s; without disturbed ones. */
  samples: readonly number[]
  /** Successful iterations that were disturbed: each is repeated, within `max`. */
  disturbed?: number
  /** Wall clock spent on this phase so far, failed iterations included, s. */
  elapsedS: number
  sampling: Sampling
}

/**
 * Whether to repeat a phase once more. A drifting series has no single median, so it never meets the target and runs to
 * `max` or to the end of its budget. There is always a first iteration, and the budget never cuts one short.
 */
export function decideNext({ samples, disturbed = 0, elapsedS, sampling }: Progress): Decision {
  const interval = estimateMedianInterval(samples, sampling.confidence)
  const halfWidth = interval && relativeHalfWidth(interval, samples)
  const isNarrow = halfWidth !== null && halfWidth <= sampling.target
  const met = samples.length >= sampling.min && isNarrow && !isDrifting(samples)
  const reason = stopReason(met, samples.length + disturbed, elapsedS, sampling)
  return { done: reason !== 'continue', reason, interval, relative_half_width: halfWidth, met }
}

function stopReason(met: boolean, n: number, elapsedS: number, sampling: Sampling): Decision['reason'] {
  if (met) return 'target'
  if (n >= sampling.max) return 'max'
  return n > 0 && elapsedS >= sampling.budget_s ? 'budget' : 'continue'
}

// Pure noise looks like a drift once in a hundred checks, which then costs a few more iterations.
const isDrifting = (samples: readonly number[]) => (testDrift(samples)?.p ?? 1) < 0.01
