import { PHASES } from '../row/schema.ts'
import { bootstrapMedians } from '../row/statistics/bootstrap.ts'
import type { CollectedPoint } from './collect.ts'
import type { BaselineRatio, Figure } from './data.ts'
import { pickEvenly } from './figures.ts'
import { metricId, type MetricId } from '../row/metrics.ts'

const MIN_SAMPLES = 3
// More samples hardly narrow the picture and would make a large report slow.
const MAX_SAMPLES = 200
const RESAMPLES = 1000
// A report holds hundreds of ratios: at 95 % dozens of them would look like changes.
export const RATIO_CONFIDENCE = 0.99

interface Compared {
  /** Index among the points that are shown. */
  index: number
  figures: Record<MetricId, Figure>
  now: CollectedPoint
  base: CollectedPoint
  baseFigures: Record<MetricId, Figure>
}

/** Ratio now to baseline of each metric that both sides have. It judges nothing: that is the gate's. */
export function compareToBaseline({ index, figures, now, base, baseFigures }: Compared): BaselineRatio[] {
  const samples = samplesByMetric(now)
  const baseSamples = samplesByMetric(base)
  return Object.entries(figures).flatMap(([metric, figure]): BaselineRatio[] => {
    const before = baseFigures[metric]
    if (!before || before.median <= 0) return []
    const interval = estimateRatio(samples.get(metric), baseSamples.get(metric))
    return [
      {
        point: index,
        metric,
        now: figure.median,
        base: before.median,
        ratio: figure.median / before.median,
        lo: interval?.lo ?? null,
        hi: interval?.hi ?? null,
      },
    ]
  })
}

function samplesByMetric({ samples }: CollectedPoint): Map<MetricId, readonly number[]> {
  return new Map(
    PHASES.flatMap((phase): [MetricId, readonly number[]][] => {
      const own = samples.phases.get(phase)
      return own
        ? [
            [metricId('time_s', phase), own.timesS.toArray()],
            [metricId('mem_mb', phase), own.memsMb.toArray()],
          ]
        : []
    }),
  )
}

function estimateRatio(now: readonly number[] = [], base: readonly number[] = []) {
  if (Math.min(now.length, base.length) < MIN_SAMPLES) return null
  return bootstrapMedians(
    [pickEvenly(now, MAX_SAMPLES), pickEvenly(base, MAX_SAMPLES)],
    ([a, b]) => a! / b!,
    { resamples: RESAMPLES, confidence: RATIO_CONFIDENCE },
  )
}
