import { median } from 'simple-statistics'
import { type Axis, familyOf, readPlaces } from './families.ts'
import type { Range } from './figures.ts'
import { foldFiles, type Folding } from './fold-files.ts'
import { modelName, type Origin, pointName, type Variant } from './identity.ts'
import { describeMetric, spanOf } from './metrics.ts'
import { readClock } from './outcome.ts'
import { PHASES, type Phase, type Row } from './schema.ts'
import {
  addBounded,
  foldRows,
  isLoaded,
  labelSeries,
  numbersOf,
  okCount,
  rowCount,
  type Series,
  type SeriesFold,
} from './series.ts'
import { findSpeedUps, type SpeedUp } from './speedup.ts'
import {
  describe,
  type Description,
  describeLatency,
  findGrowth,
  estimateMedianInterval,
  relativeHalfWidth,
  unionLength,
} from './statistics/describe.ts'
import { findNoise } from './statistics/noise.ts'
import { decideNext, samplingSchema } from './statistics/sampling.ts'

/** Summary of one point with one prover, phase by phase. Rows timed by different clocks are never pooled. */
export type PointSummary = ReturnType<typeof summarizePoint>

/** Summary of the rows of one phase of one point. Statistics cover ok rows only. */
export type PhaseSummary = ReturnType<typeof summarizePhase>

interface Warning {
  code: 'CLOCKS_PART' | 'DISTURBED' | 'LEAK' | 'PROVER' | ReturnType<typeof findNoise>[number]['code']
  message: string
  /** Of DISTURBED. */
  share?: DisturbedShare
}

/** The disturbed iterations of a phase, and the smallest and largest share of their time that others cost them. */
interface DisturbedShare {
  least: number
  most: number
  n: number
  of: number
}

/**
 * Summarizes the selected runs of results files without holding the rows in memory. The last run is chosen per file: a
 * run writes one file per track, and the shards of one run end up in one summary.
 */
export async function summarizeFiles(
  paths: readonly string[],
  { run = 'last', onProblem }: Partial<Folding> = {},
) {
  const fold = await foldFiles(paths, { run, onProblem, pool: 'points' })
  return { rows: fold.rows, points: summarizePoints(fold) }
}

/**
 * Summaries of the points of these rows, in order of first appearance.
 * @param others variants that are shown although they have no rows here
 */
export const summarizeRows = (rows: Iterable<Row>, others: Iterable<Variant> = []) =>
  summarizePoints(foldRows(rows, 'points'), others)

function summarizePoints({ series, pools }: SeriesFold, others: Iterable<Variant> = []) {
  labelSeries(series, others)
  const speedUps = findSpeedUps(pools.values())
  return Array.from(pools.values(), (phases) => summarizePoint(phases, speedUps.get(phases) ?? []))
}

function operatorOf({ params }: Row): { name: string; size: number } | null {
  const { op, size } = (params ?? {}) as { op?: unknown; size?: unknown }
  return typeof op === 'string' && typeof size === 'number' ? { name: op, size } : null
}

function summarizePoint(phases: ReadonlyMap<Phase, Series>, speedups: SpeedUp[]) {
  const series = [...phases.values()]
  const { first, label, variant } = series[0]!
  const ordered = PHASES.flatMap((phase) => phases.get(phase) ?? [])
  return {
    point: pointName(first),
    track: first.track ?? null,
    /** What it shares with the points that a law may connect it with. */
    family: familyOf(first),
    /** Its numeric parameters and its sizes, by the axis that a law may have. */
    places: placesOf(phases),
    /** For a point with the parameters `op` and `size`. */
    operator: operatorOf(first),
    model: modelName(first.model),
    param_count: paramCountOf(series),
    prover: first.prover ? { name: first.prover.name, version: first.prover.version ?? null } : null,
    /** Prover, and what differs between its variants that are shown: `gnark scale_bits=8`. */
    label,
    /** Settings, threads and warmth. */
    variant: variant.parts,
    /** Side of a comparison. */
    side: first.side ?? null,
    /** What its proofs state, as declared by the prover. */
    security: first.security ?? null,
    clock: readClock(first),
    /** Source and machine of published figures; null for what was measured. */
    reported: first.reported ?? null,
    run_ids: [...uniteBounded(series.map(({ runs }) => runs))],
    phases: ordered.map(summarizePhase),
    /** For each phase, over the variant with the fewest threads; empty if there is only one number of threads. */
    speedups,
    /** Circuit counters. `min` and `max` should always be equal; a difference means that the counter varies. */
    counters: rangesOf(ordered, 'counter'),
    /** Bytes by artifact. */
    sizes_bytes: rangesOf(ordered, 'size'),
    /** Conditions that differ between rows whose figures are pooled nonetheless. */
    mixed: findMixed(series),
  }
}

const paramCountOf = (series: readonly Series[]) =>
  series.find(({ paramCount }) => paramCount !== null)?.paramCount ?? null

/** Where a point lies on each axis. */
export function placesOf(point: ReadonlyMap<Phase, Series>): Record<Axis, number> {
  const series = [...point.values()]
  const totalCost = rangesOf(series, 'counter')['totalCost']?.max
  return readPlaces(series[0]!.first, { param_count: paramCountOf(series), totalCost })
}

/** Counters or sizes of some series, by name. */
export function rangesOf(series: readonly Series[], kind: 'counter' | 'size'): Record<string, Range> {
  const ranges = new Map<string, Range>()
  for (const { numbers } of series) {
    for (const [metric, samples] of numbers) {
      const own = describeMetric(metric)
      if (own.kind !== kind) continue
      const { min, max } = samples.range
      const known = ranges.get(own.of!)
      ranges.set(
        own.of!,
        known ? { min: Math.min(min, known.min), max: Math.max(max, known.max) } : { min, max },
      )
    }
  }
  return Object.fromEntries(ranges)
}

function findMixed(series: readonly Series[]): Origin[] {
  const names = new Set(series.flatMap(({ origins }) => [...origins.keys()]))
  return [...names].filter(
    (name) => uniteBounded(series.map(({ origins }) => origins.get(name) ?? new Set())).size > 1,
  )
}

function uniteBounded(sets: readonly ReadonlySet<string>[]): Set<string> {
  const all = new Set<string>()
  for (const set of sets) for (const text of set) addBounded(all, text)
  return all
}

export function summarizePhase(series: Series) {
  const { phase, failures, memSources, isMemLowerBound, controls } = series
  const plan = samplingSchema.safeParse(series.sampling)
  const sampling = plan.success ? plan.data : null
  const times = numbersOf(series, 'time_s')
  const interval = estimateMedianInterval(times, sampling?.confidence)
  return {
    phase,
    rows: rowCount(series),
    ok: okCount(series),
    failures: failures.list(),
    time_s: describe(times),
    /** Interval of the median time; null if n is too small for one. */
    time_s_interval: interval,
    /** Half-width of that interval divided by the median. */
    relative_half_width: interval && finite(relativeHalfWidth(interval, times)),
    mem_mb: describe(numbersOf(series, 'mem_mb')),
    mem_sources: [...memSources],
    /** True if one of the peaks may have been missed. */
    mem_lower_bound: isMemLowerBound,
    /** User and system CPU time together. */
    cpu_s: describe(numbersOf(series, 'cpu_s')),
    /** The prover's own time, for rows whose `time_s` is wall clock. */
    time_s_rust: describe(reportedTimes(series)),
    /** Durations inside the phase by name, s, the longest first. */
    spans: describeSpans(series),
    /** Percentiles of `time_s`, s, of a warm prover or a service; null for processes that start for each iteration. */
    latency: isLoaded(series.first.process) ? describeLatency(times) : null,
    /** For such a prover, in prove: proofs per minute of the time in which at least one request was running. */
    proofs_per_minute: phase === 'prove' ? findThroughput(series) : null,
    /** Time until such a process was ready, s. */
    time_s_load: describe(numbersOf(series, 'time_s_load')),
    /** How much its resident memory grows with each iteration, MB; null if it does not. */
    leak_mb: findGrowth(numbersOf(series, 'mem_mb_after')),
    /** The sampling plan of the phase and whether its target was met; null for a fixed number of iterations. */
    sampling: sampling && {
      ...sampling,
      met: decideNext({ samples: series.calmS.toArray(), elapsedS: 0, sampling }).met,
    },
    /** Negative controls of the point; null if none ran. */
    controls,
    warnings: findWarnings(series, times),
  }
}

/** Over the time in which requests were running, so that the time between two runs does not count. */
function findThroughput(series: Series): number | null {
  const { begunS, endedS } = series
  const busyS = unionLength(begunS.toArray(), endedS.toArray())
  return busyS > 0 && okCount(series) > 0 ? (okCount(series) / busyS) * 60 : null
}

/** The prover's own times of rows that have the wall clock's too. */
const reportedTimes = (series: Series) => (series.wallS.length ? numbersOf(series, 'time_s_rust') : [])

function findWarnings(series: Series, times: readonly number[]): Warning[] {
  return [
    ...warnOfClocks(series),
    ...[...series.warnings].map((message) => ({ code: 'PROVER' as const, message })),
    ...warnOfDisturbance(series, times.length),
    ...warnOfLeak(series),
    ...findNoise(times),
  ]
}

function warnOfClocks(series: Series): Warning[] {
  if (series.wallS.length === 0) return []
  const [wall, reported] = [median(series.wallS.toArray()), median(reportedTimes(series))]
  const apart = Math.abs(wall - reported)
  if (apart <= 0.5 || apart <= 0.2 * wall) return []
  const message = `wall clock ${wall.toFixed(2)} s, the prover itself reports ${reported.toFixed(2)} s`
  return [{ code: 'CLOCKS_PART', message }]
}

function describeSpans(series: Series): Record<string, Description> {
  const described = [...series.numbers.keys()].flatMap((metric) => {
    const name = spanOf(metric)
    const own = name === null ? null : describe(numbersOf(series, metric))
    return own ? [[name!, own] as const] : []
  })
  return Object.fromEntries(described.toSorted(([, a], [, b]) => b.median - a.median))
}

/** Smaller growth is what any runtime keeps for itself. */
const LEAK_MB = 0.5

function warnOfLeak(series: Series): Warning[] {
  const growth = findGrowth(numbersOf(series, 'mem_mb_after'))
  if (growth === null || growth < LEAK_MB) return []
  return [{ code: 'LEAK', message: `the memory in use grows by ${growth.toFixed(1)} MB with each iteration` }]
}

function warnOfDisturbance({ disturbed }: Series, n: number): Warning[] {
  const shares = disturbed.toArray().toSorted((a, b) => a - b)
  if (!shares.length) return []
  const share = { least: shares[0]!, most: shares.at(-1)!, n: shares.length, of: n }
  const count = n === 1 ? '' : ` in ${share.n} of ${n} iterations`
  const message = `disturbed by other programs${count}: ${formatDisturbed(share)} of the time`
  return [{ code: 'DISTURBED', message, share }]
}

/** `60 % to 72 %`, or `73 %` where both are the same. */
export function formatDisturbed({ least, most }: Pick<DisturbedShare, 'least' | 'most'>): string {
  return [...new Set([least, most].map((part) => `${(part * 100).toFixed(0)} %`))].join(' to ')
}

const finite = (value: number) => (Number.isFinite(value) ? value : null)
