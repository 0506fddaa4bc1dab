import { getOrAdd } from '../row/collections.ts'
import { isCounter, type MetricId } from '../row/metrics.ts'
import { findChangePoints, findExactChanges } from './change-points.ts'
import type { CollectedRun } from './collect.ts'
import type { HistorySeries } from './data.ts'
import { summarize } from './figures.ts'
import type { Trace } from './trace.ts'

/** Every time, memory and totalCost of every point over runs that are in their order, with the changes of level. */
export function traceHistory(runs: readonly CollectedRun[], maxPoints: number): HistorySeries[] {
  if (runs.length < 2) return []
  const series = new Map<string, HistorySeries>()
  for (const [at, { traces }] of runs.entries()) {
    for (const [key, trace] of [...(traces ?? [])].slice(0, maxPoints)) {
      for (const [metric, samples] of trace.samples) {
        const figure = summarize(samples.toArray(), 0)!
        const own = getOrAdd(series, `${metric} ${key}`, () => startSeries(trace, metric))
        own.runs.push(at)
        own.medians.push(figure.median)
        own.lo.push(figure.lo)
        own.hi.push(figure.hi)
      }
    }
  }
  return [...series.values()]
    .filter((own) => own.runs.length > 1)
    .map((own) => ({ ...own, changes: findChanges(own) }))
}

function startSeries({ name, track, prover }: Trace, metric: MetricId): HistorySeries {
  return { name, track, prover, metric, runs: [], medians: [], lo: [], hi: [], changes: [] }
}

function findChanges({ metric, medians }: HistorySeries) {
  return isCounter(metric) ? findExactChanges(medians) : findChangePoints(medians)
}
