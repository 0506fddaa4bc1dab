import type { FailureGroup } from '../row/failures.ts'
import type { Clock } from '../row/outcome.ts'
import type { MetricId } from '../row/metrics.ts'
import type { Phase } from '../row/schema.ts'
import type { ScalingLaw } from '../row/statistics/scaling-law.ts'
import type { Axis, Places } from './axes.ts'

/** One figure of one point: its median with an interval, and some of the samples behind it. */
export interface Figure {
  n: number
  median: number
  best: number
  worst: number
  lo: number
  hi: number
  /** 'interval': 95 % of the median; 'range': smallest to largest, where n is too small for an interval. */
  spread: 'interval' | 'range'
  /** At most `MAX_DOTS` of the samples, in the order in which they were measured. */
  dots: number[]
}

/** One point of one prover, of the run that is shown or of the baseline. */
export interface ReportPoint {
  name: string
  track: string | null
  prover: string | null
  prover_version: string | null
  clock: Clock
  /** Points of the same model share it, whatever the prover. */
  model_index: number
  places: Places
  rows: number
  ok: number
  failures: { phase: Phase; groups: FailureGroup[] }[]
  warnings: string[]
  figures: Record<MetricId, Figure>
}

export type Side = 'now' | 'base'

/** Points that a line connects: one track of one prover along one axis. */
export interface ScalingGroup {
  axis: Axis
  side: Side
  /** Unique among the groups of an axis and side; the same on every axis where it can be. */
  label: string
  /** What its colour goes by: prover and track, the same on every axis and side. */
  color_key: string
  /** Indices into the points of the side, by rising x. */
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

/** One metric of one point over the runs. */
export interface HistorySeries {
  name: string
  track: string | null
  prover: string | null
  metric: MetricId
  /** Indices of the runs that have it. */
  runs: number[]
  medians: number[]
  lo: number[]
  hi: number[]
  changes: ChangePoint[]
}

/** One metric of one point, now against the baseline. */
export interface BaselineRatio {
  /** Index into the points that are shown. */
  point: number
  metric: MetricId
  now: number
  base: number
  ratio: number
  /** 99 % bootstrap interval of the ratio of medians; null where a side has fewer than three samples. */
  lo: number | null
  hi: number | null
}

/** Everything that the report's plots and summaries are drawn from; the rows themselves stand apart. */
export interface ReportData {
  title: string
  points: Record<Side, ReportPoint[]>
  groups: ScalingGroup[]
  /** All runs of the files; `runs` are those that are drawn. */
  run_count: number
  runs: RunInfo[]
  history: HistorySeries[]
  ratios: BaselineRatio[]
  notes: string[]
  /** What the figures that are shown were measured under, each once. */
  conditions: { machines: string[]; provers: string[]; settings: string[] }
}
