import { describe, type Description } from '../../row/statistics/describe.ts'
import { estimateMedianInterval, type Interval } from '../../row/statistics/median-interval.ts'
import { findNoise, type NoiseWarning } from '../../row/statistics/noise.ts'
import type { SeriesRun } from './series.ts'

type Figure = Description & { median_interval: Interval | null }

/** Summary of a series of runs: statistics of the successful runs, and the number of failures. */
export interface SeriesSummary {
  n: number
  failed: number
  time_s: Figure | null
  cpu_user_s: Figure | null
  cpu_sys_s: Figure | null
  /** `worst` is the highest peak of all runs. */
  mem_mb: Figure | null
  mem_sources: string[]
  mem_lower_bound: boolean
  warnings: NoiseWarning[]
}

export function summarizeSeries(runs: readonly SeriesRun[]): SeriesSummary {
  const good = runs.filter(({ status }) => status === 'ok')
  const times = valuesOf(good, 'time_s')
  return {
    n: good.length,
    failed: runs.length - good.length,
    time_s: describeFigure(times),
    cpu_user_s: describeFigure(valuesOf(good, 'cpu_user_s')),
    cpu_sys_s: describeFigure(valuesOf(good, 'cpu_sys_s')),
    mem_mb: describeFigure(valuesOf(good, 'mem_mb')),
    mem_sources: [...new Set(good.flatMap(({ mem_source }) => mem_source ?? []))],
    mem_lower_bound: good.some(({ mem_lower_bound }) => mem_lower_bound),
    warnings: findNoise(times),
  }
}

function valuesOf(
  runs: readonly SeriesRun[],
  field: 'time_s' | 'cpu_user_s' | 'cpu_sys_s' | 'mem_mb',
): number[] {
  return runs.flatMap((run) => run[field] ?? [])
}

function describeFigure(samples: number[]): Figure | null {
  const description = describe(samples)
  return description && { ...description, median_interval: estimateMedianInterval(samples) }
}
