import type { FailureGroup } from '../row/failures.ts'
import type { Axis, Placed } from '../row/families.ts'
import type { MetricId } from '../row/metrics.ts'
import type { Phase, Row } from '../row/schema.ts'
import type { SpeedUp } from '../row/speedup.ts'
import type { describeLatency } from '../row/statistics/describe.ts'
import type { ScalingLaw } from '../row/statistics/scaling-law.ts'

/** The median of some samples, with an interval. */
export interface Estimate {
  n: number
  median: number
  best: number
  worst: number
  lo: number
  hi: number
  /** 'interval': 95 % interval of the median; 'range': smallest to largest, if n is too small for an interval. */
  spread: 'interval' | 'range'
}

/** One figure of one point: its median, an interval and some of its samples. */
export interface Figure extends Estimate {
  /** At most `MAX_DOTS` of the samples, in measurement order. */
  dots: number[]
}

/** One point of one prover, from the shown run or from the baseline. */
export interface ReportPoint extends Placed {
  name: string
  /** `prover` without the number of threads: the points of one line of speed-ups share it. */
  thread_line: string | null
  /** The same for all points of a model, whatever the prover. */
  model_index: number
  /** Published by others, not measured here. */
  isReported: boolean
  rows: number
  ok: number
  failures: { phase: Phase; groups: FailureGroup[] }[]
  /** Runs whose rows are pooled in its figures. */
  runs: number
  warnings: { phase: Phase; message: string; isDisturbed: boolean }[]
  /** How far the proved output is from that of the float model; empty if it was not compared. */
  accuracy: NonNullable<Row['accuracy']>[]
  /** Percentiles of the time, s, of phases that ran in a warm prover or a service. */
  latencies: ({ phase: Phase; n: number; load_s: number | null } & NonNullable<
    ReturnType<typeof describeLatency>
  >)[]
  figures: Record<MetricId, Figure>
  /** For each phase, over the variant with the fewest threads. */
  speedups: SpeedUp[]
}

export type Side = 'now' | 'base'

/** Points of one track and one prover along one axis: a family, which a line connects, or points that share nothing. */
export interface ScalingGroup {
  axis: Axis
  side: Side
  /** Unique among the groups of an axis and side; where possible the same on every axis. */
  label: string
  isFamily: boolean
  /** Determines the colour: prover, track and family, the same on every axis and side. */
  color_key: string
  /** Indices into the points of the side, by increasing x. */
  members: number[]
  laws: Record<MetricId, ScalingLaw>
}

export interface RunInfo {
  id: string | null
  started: string | null
  ended: string | null
  commit: string | null
  dirty: boolean
  rows: number
  ok: number
  is_now: boolean
  machine: string | null
}

export interface ChangePoint {
  /** Index into the series' values: the first run of the new level. */
  at: number
  before: number
  after: number
}

/** One metric of one point across runs. */
export interface HistorySeries {
  name: string
  track: string | null
  prover: string | null
  metric: MetricId
  /** Indices of the runs that have it. */
  runs: number[]
  medians: number[]
  changes: ChangePoint[]
}

/** Ratio of one metric of one point to the baseline. */
export interface BaselineRatio {
  /** Index into the shown points. */
  point: number
  metric: MetricId
  now: number
  base: number
  ratio: number
  /** 99 % bootstrap interval of the ratio of medians; null if a side has fewer than three samples. */
  lo: number | null
  hi: number | null
}

/** All data behind the report's plots and summaries. The rows themselves are stored separately. */
export interface ReportData {
  title: string
  points: Record<Side, ReportPoint[]>
  groups: ScalingGroup[]
  /** Number of runs in the files; `runs` has only those that are drawn. */
  run_count: number
  runs: RunInfo[]
  history: HistorySeries[]
  ratios: BaselineRatio[]
  notes: string[]
  /** The distinct conditions under which the shown figures were measured. */
  conditions: {
    machines: string[]
    provers: string[]
    settings: string[]
    /** How the provers' claims differ: ratios between them compare different statements. */
    differences: string[]
  }
}
