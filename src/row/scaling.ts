import type { PointSummary } from './summary.ts'
import { getOrAdd } from './collections.ts'
import { PHASES, type Phase } from './schema.ts'
import { fitScalingLaw, type ScalingLaw } from './statistics/scaling-law.ts'

/** How one figure of one phase grows with the size of the circuit or the model across a track's points. */
export interface PhaseScaling extends ScalingLaw {
  track: string | null
  prover: string | null
  /** Prover, and what differs between its variants in view. */
  label: string | null
  /** Side of a comparison. */
  side: 'a' | 'b' | null
  clock: 'wall' | 'prover'
  phase: Phase
  metric: 'time_s' | 'mem_mb'
  against: 'totalCost' | 'param_count'
}

/** Fits the medians of each phase across the points of each track, variant and side. Needs at least three sizes. */
export function findScaling(points: readonly PointSummary[]): PhaseScaling[] {
  const sweeps = new Map<string, PointSummary[]>()
  for (const point of points) {
    const key = JSON.stringify([point.track, point.prover?.name, point.variant, point.side, point.clock])
    getOrAdd(sweeps, key, () => []).push(point)
  }
  return [...sweeps.values()].flatMap((sweep) => {
    const { track, prover, label, side, clock } = sweep[0] as PointSummary
    return PHASES.flatMap((phase) =>
      (['time_s', 'mem_mb'] as const).flatMap((metric) =>
        (['totalCost', 'param_count'] as const).flatMap((against) => {
          const law = fitScalingLaw(sweep.flatMap((point) => readSize(point, phase, metric, against)))
          return law
            ? [{ track, prover: prover?.name ?? null, label, side, clock, phase, metric, against, ...law }]
            : []
        }),
      ),
    )
  })
}

function readSize(
  point: PointSummary,
  phase: Phase,
  metric: PhaseScaling['metric'],
  against: PhaseScaling['against'],
): { x: number; y: number }[] {
  const x = against === 'param_count' ? point.param_count : point.counters['totalCost']?.max
  const y = point.phases.find((own) => own.phase === phase)?.[metric]?.median
  return x == null || y === undefined ? [] : [{ x, y }]
}
