import { median } from 'simple-statistics'
import type { PointSamples, Range } from '../row/point-samples.ts'
import { PHASES } from '../row/schema.ts'
import { estimateMedianInterval } from '../row/statistics/median-interval.ts'
import type { Figure } from './data.ts'
import { counterMetric, metricId, sizeMetric, type MetricId } from '../row/metrics.ts'

/** The most samples of one figure that are drawn one by one. */
const MAX_DOTS = 40

/** Every figure of a point, by metric. */
export function readFigures(samples: PointSamples, maxDots = MAX_DOTS): Record<MetricId, Figure> {
  const figures: [MetricId, Figure | null][] = [
    ...PHASES.flatMap((phase): [MetricId, Figure | null][] => {
      const own = samples.phases.get(phase)
      if (!own) return []
      return [
        [metricId('time_s', phase), summarize(own.timesS.toArray(), maxDots)],
        [metricId('mem_mb', phase), summarize(own.memsMb.toArray(), maxDots)],
      ]
    }),
    ...Array.from(samples.sizes, ([name, range]): [MetricId, Figure] => [sizeMetric(name), fromRange(range)]),
    ...Array.from(samples.counters, ([name, range]): [MetricId, Figure] => [
      counterMetric(name),
      fromRange(range),
    ]),
  ]
  return Object.fromEntries(figures.filter(([, figure]) => figure !== null)) as Record<MetricId, Figure>
}

/** Median, interval and some dots of a sample; null where there is none. */
export function summarize(samples: readonly number[], maxDots = MAX_DOTS): Figure | null {
  if (samples.length === 0) return null
  const interval = estimateMedianInterval(samples)
  const [best, worst] = findEnds(samples)
  return {
    n: samples.length,
    median: median(samples as number[]),
    best,
    worst,
    lo: interval?.lo ?? best,
    hi: interval?.hi ?? worst,
    spread: interval ? 'interval' : 'range',
    dots: pickEvenly(samples, maxDots),
  }
}

/** A figure of which only the ends were kept: sizes and counters, which rarely vary at all. */
function fromRange({ min, max }: Range): Figure {
  return { n: 1, median: max, best: min, worst: max, lo: min, hi: max, spread: 'range', dots: [] }
}

function findEnds(samples: readonly number[]): [number, number] {
  let [best, worst] = [Infinity, -Infinity]
  for (const sample of samples) {
    if (sample < best) best = sample
    if (sample > worst) worst = sample
  }
  return [best, worst]
}

/** At most `count` of the values, first and last among them, evenly spread over the rest. */
export function pickEvenly<Value>(values: readonly Value[], count: number): Value[] {
  if (values.length <= count) return [...values]
  const step = (values.length - 1) / Math.max(1, count - 1)
  return Array.from({ length: count }, (_, i) => values[Math.round(i * step)] as Value)
}
