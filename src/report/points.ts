import type { MetricId } from '../row/metrics.ts'
import { PHASES } from '../row/schema.ts'
import type { CollectedPoint } from './collect.ts'
import type { Figure, ReportPoint } from './data.ts'
import { readFigures } from './figures.ts'
import { TOTAL_COST } from './metrics.ts'

/** A collected point as it is shown. `modelIndex` numbers the models over all points of a report. */
export function describePoint(
  { model_key, name, prover_label, places, samples }: CollectedPoint,
  modelIndex: (key: string) => number,
): ReportPoint {
  const phases = PHASES.flatMap((phase) => {
    const own = samples.phases.get(phase)
    return own ? [{ phase, own }] : []
  })
  const figures = readFigures(samples)
  return {
    name,
    track: samples.identity.track,
    prover: prover_label,
    prover_version: samples.identity.prover?.version ?? null,
    clock: samples.identity.clock,
    model_index: modelIndex(model_key),
    places: { ...places, ...placeByCost(figures) },
    rows: phases.reduce((sum, { own }) => sum + own.rows, 0),
    ok: phases.reduce((sum, { own }) => sum + own.ok, 0),
    failures: phases.flatMap(({ phase, own }) => {
      const groups = own.failures.list()
      return groups.length ? [{ phase, groups }] : []
    }),
    warnings: phases.flatMap(({ phase, own }) => [...own.warnings].map((warning) => `${phase}: ${warning}`)),
    figures,
  }
}

function placeByCost(figures: Record<MetricId, Figure>) {
  const totalCost = figures[TOTAL_COST]
  return totalCost ? { totalCost: totalCost.median } : {}
}
