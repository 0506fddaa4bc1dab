import { median } from 'simple-statistics'
import { counterMetric, metricId, type MetricId, sizeMetric } from '../row/metrics.ts'
import type { PointSamples, Range } from '../row/point-samples.ts'
import { PHASES } from '../row/schema.ts'
import { bootstrapMedians } from '../row/statistics/bootstrap.ts'
import { estimateMedianInterval } from '../row/statistics/median-interval.ts'
import type { CollectedPoint } from './collect.ts'
import type { BaselineRatio, Figure, ReportPoint } from './data.ts'
import { TOTAL_COST } from './metrics.ts'

/** Maximum number of samples of one figure that are drawn individually. */
const MAX_DOTS = 40

/** Every figure of a point, by metric. */
function readFigures(samples: PointSamples, maxDots = MAX_DOTS): Record<MetricId, Figure> {
  const figures: [MetricId, Figure | null][] = [
    ...PHASES.flatMap((phase): [MetricId, Figure | null][] => {
      const own = samples.phases.get(phase)
      if (!own) return []
      return [
        [metricId('time_s', phase), summarize(own.timesS.toArray(), maxDots)],
        [metricId('cpu_s', phase), summarize(own.cpuS.toArray(), maxDots)],
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

/** Median, interval and some dots of a sample; null if it is empty. */
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

/** A figure for which only minimum and maximum are known: sizes and counters, which rarely vary at all. */
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

/** At most `count` of the values, evenly spread, including the first and the last. */
function pickEvenly<Value>(values: readonly Value[], count: number): Value[] {
  if (values.length <= count) return [...values]
  const step = (values.length - 1) / Math.max(1, count - 1)
  return Array.from({ length: count }, (_, i) => values[Math.round(i * step)] as Value)
}

/** A collected point as the report shows it. `modelIndex` numbers the models across all points of a report. */
export function describePoint(
  { model_key, name, prover_label, places, samples }: CollectedPoint,
  modelIndex: (key: string) => number,
): ReportPoint {
  const phases = PHASES.flatMap((phase) => {
    const own = samples.phases.get(phase)
    return own ? [{ phase, own }] : []
  })
  const figures = readFigures(samples)
  return {
    name,
    track: samples.identity.track,
    prover: prover_label,
    prover_version: samples.identity.prover?.version ?? null,
    clock: samples.identity.clock,
    model_index: modelIndex(model_key),
    places: { ...places, ...placeByCost(figures) },
    rows: phases.reduce((sum, { own }) => sum + own.rows, 0),
    ok: phases.reduce((sum, { own }) => sum + own.ok, 0),
    failures: phases.flatMap(({ phase, own }) => {
      const groups = own.failures.list()
      return groups.length ? [{ phase, groups }] : []
    }),
    warnings: phases.flatMap(({ phase, own }) => [...own.warnings].map((warning) => `${phase}: ${warning}`)),
    figures,
  }
}

function placeByCost(figures: Record<MetricId, Figure>) {
  const totalCost = figures[TOTAL_COST]
  return totalCost ? { totalCost: totalCost.median } : {}
}

const MIN_SAMPLES = 3
// More samples hardly change the picture and would make a large report slow.
const MAX_SAMPLES = 200
const RESAMPLES = 1000
// A report has hundreds of ratios. At 95 %, dozens of them would look like changes by chance.
const RATIO_CONFIDENCE = 0.99

interface Compared {
  /** Index among the shown points. */
  index: number
  figures: Record<MetricId, Figure>
  now: CollectedPoint
  base: CollectedPoint
  baseFigures: Record<MetricId, Figure>
}

/** Ratio to the baseline for each metric that both sides have. Only the gate gives verdicts. */
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
            [metricId('cpu_s', phase), own.cpuS.toArray()],
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
