import {
  counterMetric,
  describeMetric,
  type Metric,
  type MetricId,
  metricId,
  sizeMetric,
} from '../row/metrics.ts'
import { PHASES } from '../row/phases.ts'
import type { Figure, ReportPoint } from './data.ts'

/** The only counter that is plotted, since every prover has it. The others are in the rows. */
export const TOTAL_COST = counterMetric('totalCost')

export const TIMES = PHASES.map((phase) => metricId('time_s', phase))
const CPU_TIMES = PHASES.map((phase) => metricId('cpu_s', phase))
export const MEMORIES = PHASES.map((phase) => metricId('mem_mb', phase))

/** What a paper usually shows: the columns of its table and the plots that are written by default. */
export const MAIN: readonly MetricId[] = [...TIMES, 'mem_mb@prove', sizeMetric('proof'), TOTAL_COST]
/** The same, for plots that exist for every metric but matter for the proof. */
export const MAIN_OF_PROVE: ReadonlySet<MetricId> = new Set(['time_s@prove', 'mem_mb@prove'])

/** The metrics that some of these points have, in display order. */
export function listMetrics(points: readonly ReportPoint[]): Metric[] {
  return orderMetrics(points.flatMap(({ figures }) => Object.keys(figures)))
}

/** The plotted metrics among these, without duplicates: times of the phases, their CPU time and memory, then the others as given. */
export function orderMetrics(unordered: readonly MetricId[]): Metric[] {
  const ids = new Set(unordered)
  const ordered = [...TIMES, ...CPU_TIMES, ...MEMORIES].filter((id) => ids.delete(id))
  return [...ordered, ...ids]
    .map(describeMetric)
    .filter(({ kind, name }) => kind !== 'counter' || name === TOTAL_COST)
}

export function figureOf({ figures }: ReportPoint, metric: MetricId): Figure | undefined {
  return Object.hasOwn(figures, metric) ? figures[metric] : undefined
}
