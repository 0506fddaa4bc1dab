import { PHASES } from '../row/phases.ts'
import type { Phase } from '../row/schema.ts'
import type { Figure, MetricId, ReportPoint } from './data.ts'

export const FAMILIES = ['time', 'memory', 'size', 'counter'] as const
export type Family = (typeof FAMILIES)[number]

export interface Metric {
  id: MetricId
  family: Family
  /** The phase, artifact or counter. */
  of: string
  title: string
  unit: 's' | 'MB' | 'bytes' | ''
}

export const timeOf = (phase: Phase): MetricId => `time_s@${phase}`
export const memoryOf = (phase: Phase): MetricId => `mem_mb@${phase}`
export const sizeOf = (artifact: string): MetricId => `size:${artifact}`
export const counterOf = (name: string): MetricId => `counter:${name}`

/** What a metric's id says. */
export function describeMetric(id: MetricId): Metric {
  const [, kind, of] = /^(time_s@|mem_mb@|size:|counter:)(.*)$/s.exec(id) ?? []
  if (kind === 'time_s@') return { id, family: 'time', of: of!, title: `Time of ${of}`, unit: 's' }
  if (kind === 'mem_mb@') return { id, family: 'memory', of: of!, title: `Memory of ${of}`, unit: 'MB' }
  if (kind === 'size:') return { id, family: 'size', of: of!, title: `Size of the ${of}`, unit: 'bytes' }
  return { id, family: 'counter', of: of ?? id, title: of ?? id, unit: '' }
}

/** `time prove`, `size proof`, `totalCost`: what a plot of the metric is called in a file's name. */
export function nameMetric({ family, of }: Metric): string {
  return family === 'counter' ? of : `${family} ${of}`
}

// Of the counters the one that every prover has is drawn; the others stand in the rows.
const DRAWN_COUNTERS = new Set(['totalCost'])

/** The metrics that some of these points have, in their order. */
export function listMetrics(points: readonly ReportPoint[]): Metric[] {
  return orderMetrics(points.flatMap(({ figures }) => Object.keys(figures)))
}

/** The metrics that are drawn of these, each once: times of the phases, their memory, then the others as they come. */
export function orderMetrics(unordered: readonly MetricId[]): Metric[] {
  const ids = new Set(unordered)
  const ordered = [...PHASES.map(timeOf), ...PHASES.map(memoryOf)].filter((id) => ids.delete(id))
  return [...ordered, ...ids]
    .map(describeMetric)
    .filter(({ family, of }) => family !== 'counter' || DRAWN_COUNTERS.has(of))
}

/** A point's figure of a metric, if it has one. */
export function figureOf({ figures }: ReportPoint, metric: MetricId): Figure | undefined {
  return Object.hasOwn(figures, metric) ? figures[metric] : undefined
}
