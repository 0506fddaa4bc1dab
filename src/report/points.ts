import { familyOf } from '../row/families.ts'
import { isComparable } from '../row/proved.ts'
import { extent, median, sum } from 'simple-statistics'
import { counterMetric, metricId, type MetricId, sizeMetric, spanOf } from '../row/metrics.ts'
import { readClock } from '../row/outcome.ts'
import type { Range } from '../row/figures.ts'
import { pointKey, pointName, type Variant } from '../row/identity.ts'
import { PHASES } from '../row/schema.ts'
import { numbersOf, okCount, rowCount, type Series } from '../row/series.ts'
import { type SpeedUp, withoutThreads } from '../row/speedup.ts'
import { bootstrapMedians } from '../row/statistics/random.ts'
import { estimateMedianInterval } from '../row/statistics/describe.ts'
import { placesOf, rangesOf, summarizePhase } from '../row/summary.ts'
import type { CollectedPoint } from './collect.ts'
import type { BaselineRatio, Estimate, Figure, ReportPoint } from './data.ts'
import { labelSide } from './machine.ts'

/** Maximum number of samples of one figure that are drawn individually. */
const MAX_DOTS = 40

/** Every figure of a point, by metric. */
function readFigures(point: CollectedPoint): Record<MetricId, Figure> {
  const series = PHASES.flatMap((phase) => point.get(phase) ?? [])
  const ranges = (kind: 'counter' | 'size', metricOf: (name: string) => MetricId) =>
    Object.entries(rangesOf(series, kind)).map(([name, range]) => [metricOf(name), fromRange(range)] as const)
  const sampled = Array.from(
    samplesByMetric(point),
    ([id, samples]) => [id, { ...summarize(samples)!, dots: pickEvenly(samples, MAX_DOTS) }] as const,
  )
  return Object.fromEntries([...sampled, ...ranges('size', sizeMetric), ...ranges('counter', counterMetric)])
}

/** Median and interval of a sample; null if it is empty. */
export function summarize(samples: readonly number[]): Estimate | null {
  if (samples.length === 0) return null
  const interval = estimateMedianInterval(samples)
  const [best, worst] = extent(samples as number[])
  return {
    n: samples.length,
    median: median(samples as number[]),
    best,
    worst,
    lo: interval?.lo ?? best,
    hi: interval?.hi ?? worst,
    spread: interval ? 'interval' : 'range',
  }
}

/** A figure for which only minimum and maximum are known: sizes and counters, which rarely vary at all. */
function fromRange({ min, max }: Range): Figure {
  return { n: 1, median: max, best: min, worst: max, lo: min, hi: max, spread: 'range', dots: [] }
}

/** At most `count` of the values, evenly spread, including the first and the last. */
function pickEvenly<Value>(values: readonly Value[], count: number): Value[] {
  if (values.length <= count) return [...values]
  const step = (values.length - 1) / Math.max(1, count - 1)
  return Array.from({ length: count }, (_, i) => values[Math.round(i * step)] as Value)
}

interface View {
  /** Numbers the models across all points of a report. */
  modelIndex: (key: string) => number
  speedups: SpeedUp[]
  /** Names variants without their threads. */
  lineOf: (variant: Variant) => string | null
}

/** A collected point as the report shows it. */
export function describePoint(point: CollectedPoint, { modelIndex, speedups, lineOf }: View): ReportPoint {
  const phases = PHASES.flatMap((phase) => point.get(phase) ?? [])
  const { first, label, variant } = firstSeries(point)
  const summaries = phases.map(summarizePhase)
  return {
    name: pointName({ ...first, side: null }),
    track: first.track ?? null,
    prover: labelSide(label, first.side),
    thread_line: labelSide(lineOf(withoutThreads(variant)), first.side),
    clock: readClock(first),
    model_index: modelIndex(pointKey({ ...first, prover: null, side: null })),
    places: placesOf(point),
    family: familyOf(first),
    isReported: first.reported != null,
    rows: sum(phases.map(rowCount)),
    ok: sum(phases.map(okCount)),
    failures: phases.flatMap(({ phase, failures }) => {
      const groups = failures.list()
      return groups.length ? [{ phase, groups }] : []
    }),
    runs: new Set(phases.flatMap(({ runs }) => [...runs])).size,
    warnings: summaries.flatMap(({ phase, warnings }) =>
      warnings.map(({ message, share }) => ({ phase, message, isDisturbed: share !== undefined })),
    ),
    accuracy: phases.flatMap(({ controls }) =>
      controls?.accuracy && isComparable(controls.output_tolerance, controls.accuracy)
        ? [controls.accuracy]
        : [],
    ),
    latencies: summaries.flatMap(({ phase, latency, time_s, time_s_load }) =>
      latency ? [{ phase, n: time_s?.n ?? 0, load_s: time_s_load?.median ?? null, ...latency }] : [],
    ),
    figures: readFigures(point),
    speedups,
  }
}

/** The first series of a point, which has what all of them share. */
export const firstSeries = (point: CollectedPoint): Series => [...point.values()][0]!

const MIN_SAMPLES = 3
// More samples hardly change the picture and would make a large report slow.
const MAX_SAMPLES = 200
const RESAMPLES = 1000
// A report has hundreds of ratios. At 95 %, dozens of them would look like changes by chance.
const RATIO_CONFIDENCE = 0.99

interface Compared {
  figures: Record<MetricId, Figure>
  point: CollectedPoint
}

/** Ratio to the baseline for each metric that both sides have. Only the gate gives verdicts. */
export function compareToBaseline(index: number, now: Compared, base: Compared): BaselineRatio[] {
  const samples = samplesByMetric(now.point)
  const baseSamples = samplesByMetric(base.point)
  return Object.entries(now.figures).flatMap(([metric, figure]): BaselineRatio[] => {
    const before = base.figures[metric]
    if (!before || before.median <= 0) return []
    const { lo, hi } = estimateRatio(samples.get(metric), baseSamples.get(metric)) ?? { lo: null, hi: null }
    const ratio = figure.median / before.median
    return [{ point: index, metric, now: figure.median, base: before.median, ratio, lo, hi }]
  })
}

/** Times, CPU times and memory of each phase, and its spans. */
function samplesByMetric(point: CollectedPoint): Map<MetricId, readonly number[]> {
  return new Map(
    PHASES.flatMap((phase) => {
      const own = point.get(phase)
      const spans = own ? [...own.numbers.keys()].filter((name) => spanOf(name) !== null) : []
      return ['time_s', 'cpu_s', 'mem_mb', ...spans].flatMap((name): [MetricId, readonly number[]][] =>
        own?.numbers.has(name) ? [[metricId(name, phase), numbersOf(own, name)]] : [],
      )
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
