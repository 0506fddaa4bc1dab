import { median } from 'simple-statistics'
import { estimateMedianInterval } from '../row/statistics/describe.ts'
import { labelSeries, okCount, type Series } from '../row/series.ts'

interface Metric {
  value: number
  lower_value?: number
  upper_value?: number
}

const NANOSECONDS = 1e9

/**
 * The figures of a run in Bencher Metric Format: one benchmark per phase of each point, one measure per metric. The
 * value is the median, with the ends of its 95 % interval if there are enough repetitions. Wall time becomes `latency`
 * in nanoseconds, Bencher's built-in measure; other metrics keep their name and unit.
 */
export function makeBmf(series: readonly Series[]): Record<string, Record<string, Metric>> {
  const good = series.filter((own) => okCount(own) > 0)
  labelSeries(series)
  return Object.fromEntries(
    good.map((own) => [
      nameOf(own),
      Object.fromEntries([...own.numbers].map(([metric, values]) => measure(metric, values.toArray()))),
    ]),
  )
}

const nameOf = ({ track, point, label, side, phase }: Series) =>
  [track, point, label, side, phase].filter(Boolean).join('/')

function measure(metric: string, values: readonly number[]): [string, Metric] {
  const [name, scale] = metric === 'time_s' ? ['latency', NANOSECONDS] : [metric, 1]
  const interval = estimateMedianInterval(values)
  return [
    name,
    {
      value: median(values as number[]) * scale,
      ...(interval ? { lower_value: interval.lo * scale, upper_value: interval.hi * scale } : {}),
    },
  ]
}
