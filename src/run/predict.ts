import { existsSync } from 'node:fs'
import type { Plan } from '../plan/plan.ts'
import { aggregateFiles } from '../row/aggregate-files.ts'
import type { PointSummary } from '../row/aggregate.ts'
import type { RunSelection } from '../row/runs.ts'

/** What a point cost when it was measured last, for the iterations of a plan. */
export interface Prediction {
  timeS: number
  peakMb: number
}

/** Predictions by track and point, from the rows that the results files hold: never measured, never predicted. */
export async function predictFromRows(
  plan: Plan,
  run: RunSelection = 'all',
): Promise<Map<string, Prediction>> {
  const files = [...new Set(plan.tracks.map(({ results }) => results))].filter((file) => existsSync(file))
  const { points } = await aggregateFiles(files, { run })
  const known = new Set(plan.tracks.flatMap((track) => track.points.map(({ id }) => `${track.name}/${id}`)))
  const predictions = new Map<string, Prediction>()
  for (const summary of points) {
    const key = `${summary.track}/${summary.point}`
    const prediction = known.has(key) ? predictPoint(summary, plan) : undefined
    // Points of several provers run one after another, in one memory.
    const other = predictions.get(key) ?? { timeS: 0, peakMb: 0 }
    if (!prediction || !plan.provers.some(({ name }) => name === summary.prover?.name)) continue
    predictions.set(key, {
      timeS: other.timeS + prediction.timeS,
      peakMb: Math.max(other.peakMb, prediction.peakMb),
    })
  }
  return predictions
}

function predictPoint({ phases }: PointSummary, { options: { iterations } }: Plan): Prediction | undefined {
  const measured = phases.flatMap(({ phase, time_s, mem_mb }) =>
    time_s && mem_mb ? [{ timeS: time_s.median * iterations[phase], peakMb: mem_mb.worst }] : [],
  )
  if (measured.length !== phases.length) return undefined
  return {
    timeS: measured.reduce((sum, { timeS }) => sum + timeS, 0),
    peakMb: Math.max(...measured.map(({ peakMb }) => peakMb)),
  }
}
