import { linearRegression, linearRegressionLine } from 'simple-statistics'

/** What a model takes to prove: its work in multiplications, and the most memory that any of its phases had, MB. */
export interface KnownPeak {
  work: number
  peakMb: number
}

/** Memory that did not grow by this factor over the smaller models says nothing of how it grows: it may be noise. */
const LEAST_GROWTH = 1.5
/** A line is drawn on to a model of this many times the work, and no further. */
const FARTHEST = 64

/**
 * Peak memory of a model by those of smaller ones, MB: at least what any of them took, and what a line through them
 * says where their memory has been seen to grow. Undefined where there is none.
 */
export function predictPeakMb(known: readonly KnownPeak[], work: number): number | undefined {
  const smaller = known.filter((own) => own.work <= work)
  if (!smaller.length) return undefined
  const peaks = smaller.map(({ peakMb }) => peakMb)
  const most = Math.max(...peaks)
  const largest = Math.max(...smaller.map((own) => own.work))
  if (most < LEAST_GROWTH * Math.min(...peaks) || work > FARTHEST * largest) return most
  const line = linearRegression(smaller.map((own) => [own.work, own.peakMb]))
  return Math.max(most, linearRegressionLine(line)(work))
}
