import type { Comparison, GrowthStep } from './benchmark.ts'
import jStat from 'jstat'
import { mean, median, sampleStandardDeviation } from 'simple-statistics'

export interface Verdict {
  /** The ratio, the difference or the figure itself. */
  value: number
  met: boolean
}

/**
 * Pairs are compared first, and then their median is taken: a slow moment of the machine affects both runs of a pair.
 */
export function judge({ by, ours, other = [], limit }: Comparison): Verdict {
  const pairs = ours.map((own, i) => {
    if (by === 'absolute') return own
    return by === 'difference' ? own - other[i]! : own / other[i]!
  })
  const value = by === 'upper ratio' ? upperRatio(pairs) : median(pairs)
  return { value, met: value <= limit }
}

/** One-sided upper 95 % limit of the geometric mean of the ratios, by Student's t on their logarithms. */
function upperRatio(ratios: readonly number[]): number {
  const logs = ratios.map(Math.log)
  const error = sampleStandardDeviation(logs) / Math.sqrt(logs.length)
  return Math.exp(mean(logs) + jStat.studentt.inv(0.95, logs.length - 1) * error)
}

/** Exponents above this are more than the noise of a linear series. */
const MAX_EXPONENT = 1.1

/** Growth in the last step: the exponent, 1 for linear. */
export function growthOf(steps: readonly GrowthStep[], figure: 'timeS' | 'memMb'): Verdict | undefined {
  const [before, last] = steps.slice(-2)
  const [from, to] = [before?.[figure], last?.[figure]]
  if (!from || !to) return undefined
  const value = Math.log(to / from) / Math.log(last!.size / before!.size)
  return { value, met: value <= MAX_EXPONENT }
}
