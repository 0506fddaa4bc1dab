import { extent, median, sum } from 'simple-statistics'
import { ProvemarkError } from '../errors.ts'
import { suggestName } from '../lib/names.ts'
import { distinct } from '../row/collections.ts'
import { benchKey, clockedKey, pointKey, pointName } from '../row/identity.ts'
import { describeMetric, metricId, type MetricId, readMetricName } from '../row/metrics.ts'
import { whyNoBest } from '../row/proved.ts'
import { PHASES, type Phase } from '../row/schema.ts'
import {
  labelSeries,
  metricsOf,
  numbersOf,
  okCount,
  type Series,
  type SeriesFold,
  shareOfOthers,
} from '../row/series.ts'
import { formatDisturbed } from '../row/summary.ts'
import type { Estimate } from './data.ts'
import { describeCommit, describeMachine, describeVersion, labelSide } from './machine.ts'
import { MAIN } from './metrics.ts'
import { summarize } from './points.ts'

/** One figure of a line. `runs` above 1: the median of the medians of the runs, and an interval of those. */
export interface PaperFigure extends Estimate {
  runs: number
  /** The best of the variants of its point. Never marked without evidence, see `markBest`. */
  isBest: boolean
}

/** A point with one variant on one machine. */
export interface PaperLine {
  series: readonly Series[]
  track: string | null
  point: string
  label: string | null
  machine: string | null
  /** Iterations of each phase that succeeded, over all runs; empty for published figures. */
  n: Partial<Record<Phase, number>>
  runs: number
  /** Iterations that other programs disturbed, whose figures count; null if no row tells. */
  disturbed: number | null
  /** Published by others, not measured here. */
  isReported: boolean
  figures: Map<MetricId, PaperFigure>
}

export interface PaperTable {
  columns: MetricId[]
  lines: PaperLine[]
  /** Machines, versions and commits behind the figures. */
  machines: string[]
  provers: string[]
  commits: string[]
  /** What n, the intervals and the marks mean, as sentences. */
  notes: string[]
}

/**
 * The figures of rows as a table for a paper: a line per point and variant.
 * @param fold pool `table`
 * @param wanted metrics; by default the time of each phase, the memory of prove, the size of the proof and totalCost
 * @throws ProvemarkError CONFIG_INVALID for a column that no row has
 */
export function makePaperTable(fold: SeriesFold, wanted?: readonly string[]): PaperTable {
  const { series } = fold
  labelSeries(series)
  const columns = chooseColumns(series, wanted)
  const groups = Map.groupBy(series, ({ first }) => `${clockedKey(first)} ${benchKey(first)}`)
  const lines = Array.from(groups.values(), (own) => makeLine(own, columns))
  const marked = markBest(lines, columns)
  const firsts = series.map(({ first }) => first)
  return {
    columns,
    lines,
    machines: distinct(firsts.map(({ machine }) => machine && describeMachine(machine))),
    provers: distinct(firsts.map(({ reported, prover }) => (reported ? null : describeVersion(prover)))),
    commits: distinct(
      firsts.map(({ machine }) =>
        describeCommit({ commit: machine?.commit ?? null, dirty: machine?.dirty ?? false }),
      ),
    ),
    notes: [...describeCounts(lines), ...describeSpread(lines), ...marked, ...describeDisturbance(series)],
  }
}

function chooseColumns(series: readonly Series[], wanted: readonly string[] | undefined): MetricId[] {
  const there = new Set(
    series.flatMap((own) =>
      metricsOf(own).flatMap((name) => (own.numbers.has(name) ? [metricId(name, own.phase)] : [])),
    ),
  )
  if (!wanted) return MAIN.filter((id) => there.has(id))
  return wanted.map((text) => {
    const id = readMetricName(text)
    if (there.has(id)) return id
    throw new ProvemarkError('CONFIG_INVALID', `--columns: expected figures that a row has, given ${text}`, {
      hint: suggestName(text, [...there]) ?? `available: ${[...there].slice(0, 12).join(', ')}`,
    })
  })
}

function makeLine(series: readonly Series[], columns: readonly MetricId[]): PaperLine {
  const { first, label } = series[0]!
  const figures = columns.flatMap((id): [MetricId, PaperFigure][] => {
    const figure = estimate(series, id)
    return figure ? [[id, figure]] : []
  })
  const counts = PHASES.map(
    (phase) => [phase, sum(series.filter((own) => own.phase === phase).map(okCount))] as const,
  )
  return {
    series,
    track: first.track ?? null,
    point: pointName({ ...first, side: null }),
    label: labelSide(label, first.side),
    machine: first.machine ? describeMachine(first.machine) : null,
    n: first.reported ? {} : Object.fromEntries(counts.filter(([, count]) => count > 0)),
    isReported: first.reported != null,
    runs: runsOf(series).length,
    disturbed: series.every((own) => shareOfOthers(own) === null)
      ? null
      : sum(series.map(({ disturbed }) => disturbed.length)),
    figures: new Map(figures),
  }
}

/** The runs in which a phase succeeded. */
const runsOf = (series: readonly Series[]) => [
  ...new Set(series.filter((own) => okCount(own) > 0).map(({ run }) => run ?? '')),
]

/** Iterations of one run share its conditions, so several runs count as one value each. */
function estimate(series: readonly Series[], id: MetricId): PaperFigure | null {
  const { name, phase } = describeMetric(id)
  const holders = series.filter((own) => own.numbers.has(name) && (phase === null || own.phase === phase))
  const only = phase === null ? holders.filter((own) => own.phase === holders[0]!.phase) : holders
  const byRun = only.map((own) => numbersOf(own, name)).filter(({ length }) => length > 0)
  const values = byRun.length > 1 ? byRun.map((own) => median(own)) : (byRun[0] ?? [])
  const figure = summarize(values)
  return figure && { ...figure, n: sum(byRun.map(({ length }) => length)), runs: byRun.length, isBest: false }
}

/**
 * Marks the best variant of each point where there is evidence: its interval does not overlap those of the others, all
 * were measured on one machine by one clock, they prove the same things, and they took turns in one run or were
 * measured in several. Returns what a reader should know.
 */
function markBest(lines: readonly PaperLine[], columns: readonly MetricId[]): string[] {
  const places = Map.groupBy(lines, ({ series }) => {
    const { first } = series[0]!
    return `${benchKey(first)} ${pointKey({ ...first, prover: null, side: null })}`
  })
  const contests = [...places.values()].filter(({ length }) => length > 1)
  if (!contests.length) return []
  const refusals = new Set<string>()
  let marks = 0
  for (const own of contests) {
    const why = whyNoBest(
      own.map(({ series }) => {
        const { prover, security, side } = series[0]!.first
        return { prover: prover?.name, security, side, run_ids: runsOf(series) }
      }),
    )
    if (why) {
      refusals.add(why)
      continue
    }
    for (const id of columns) {
      const figures = own.flatMap((line) => line.figures.get(id) ?? [])
      const best = figures.toSorted((a, b) => a.median - b.median)[0]
      const isKnown = figures.every(({ spread, lo, hi }) => spread === 'interval' || lo === hi)
      if (figures.length < own.length || !best || !isKnown) continue
      if (figures.every((other) => other === best || best.hi < other.lo)) {
        best.isBest = true
        marks++
      }
    }
  }
  return [
    ...(marks ? ['The best figure of a point is marked where its interval lies apart from the others.'] : []),
    ...Array.from(
      refusals,
      (why) => `No best is marked ${refusals.size > 1 || marks ? 'where' : 'because'} ${why}.`,
    ),
  ]
}

function describeCounts(all: readonly PaperLine[]): string[] {
  const lines = all.filter(({ isReported }) => !isReported)
  const others =
    lines.length < all.length ? ['Reported figures were published by others, not measured here.'] : []
  if (!lines.length) return others
  const counts = new Set(lines.flatMap(({ n }) => Object.values(n)))
  const runs = new Set(lines.map((line) => line.runs))
  const inRuns = runs.size > 1 ? 'runs as given' : [...runs][0] === 1 ? 'one run' : `${[...runs][0]} runs`
  return [counts.size === 1 ? `n = ${[...counts][0]}, ${inRuns}.` : `n as given, ${inRuns}.`, ...others]
}

function describeSpread(lines: readonly PaperLine[]): string[] {
  const figures = lines.flatMap((line) => [...line.figures.values()]).filter(({ lo, hi }) => lo !== hi)
  const over = (own: readonly PaperFigure[]) =>
    [
      ...(own.some(({ runs }) => runs === 1) ? ['the iterations of one run'] : []),
      ...(own.some(({ runs }) => runs > 1) ? ['the medians of the runs'] : []),
    ].join(', or ')
  const intervals = figures.filter(({ spread }) => spread === 'interval')
  const ranges = figures.filter(({ spread }) => spread === 'range')
  return [
    'Medians.',
    ...(intervals.length ? [`In brackets: 95 % interval of the median over ${over(intervals)}.`] : []),
    ...(ranges.length
      ? [`In parentheses: smallest and largest of ${over(ranges)}, too few for an interval.`]
      : []),
  ]
}

function describeDisturbance(series: readonly Series[]): string[] {
  const shares = series.flatMap(({ disturbed }) => disturbed.toArray())
  if (!shares.length) return []
  const [least, most] = extent(shares)
  const times = `${shares.length} of ${sum(series.map(okCount))} iterations`
  return [`Other programs disturbed ${times}, for ${formatDisturbed({ least, most })} of their time.`]
}
