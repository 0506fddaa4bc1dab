import type { BaselineRatio } from '../data.ts'
import { describeMetric } from '../../row/metrics.ts'

/**
 * Whether a ratio's interval leaves 1 out, and on which side. An exact figure has no interval and just differs; a
 * noisy one without an interval says nothing.
 */
export function direction({ ratio, lo, hi, metric }: BaselineRatio): 'worse' | 'better' | 'neutral' {
  const { kind } = describeMetric(metric)
  const isExact = kind === 'size' || kind === 'counter'
  if (lo === null && !isExact) return 'neutral'
  if ((lo ?? ratio) > 1) return 'worse'
  return (hi ?? ratio) < 1 ? 'better' : 'neutral'
}
