import { counterMetric, describeMetric, type Metric, type MetricId, metricId } from '../row/metrics.ts'
import { PHASES } from '../row/phases.ts'
import type { Figure, ReportPoint } from './data.ts'

/** Of the counters the one that every prover has is drawn; the others stand in the rows. */
export const TOTAL_COST = counterMetric('totalCost')

export const TIMES = PHASES.map((phase) => metricId('time_s', phase))
export const MEMORIES = PHASES.map((phase) => metricId('mem_mb', phase))

/** The metrics that some of these points have, in their order. */
export function listMetrics(points: readonly ReportPoint[]): Metric[] {
  return orderMetrics(points.flatMap(({ figures }) => Object.keys(figures)))
}

/** The metrics that are drawn of these, each once: times of the phases, their memory, then the others as they come. */
export function orderMetrics(unordered: readonly MetricId[]): Metric[] {
  const ids = new Set(unordered)
  const ordered = [...TIMES, ...MEMORIES].filter((id) => ids.delete(id))
  return [...ordered, ...ids]
    .map(describeMetric)
    .filter(({ kind, name }) => kind !== 'counter' || name === TOTAL_COST)
}

/** A point's figure of a metric, if it has one. */
export function figureOf({ figures }: ReportPoint, metric: MetricId): Figure | undefined {
  return Object.hasOwn(figures, metric) ? figures[metric] : undefined
}
