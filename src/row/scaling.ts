import { linearRegression } from 'simple-statistics'
import type { PointSummary } from './summary.ts'
import { getOrAdd } from './collections.ts'
import { PHASES, type Phase } from './schema.ts'
import { chooseScalingLaw, type ScalingLaw } from './statistics/scaling-law.ts'

/** How one figure of one phase grows with the size of the circuit or the model across a track's points. */
export interface PhaseScaling extends ScalingLaw {
  track: string | null
  /** What its points have in common beside the track, such as an operator; empty for the whole track. */
  kind: string
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

/**
 * Fits the medians of each phase across the points of each track, variant and side that differ in numbers alone, such as
 * those of one operator. Needs at least three sizes.
 */
export function findScaling(points: readonly PointSummary[]): PhaseScaling[] {
  const sweeps = new Map<string, PointSummary[]>()
  for (const point of points) {
    const key = JSON.stringify([
      point.track,
      point.kind,
      point.prover?.name,
      point.variant,
      point.side,
      point.clock,
    ])
    getOrAdd(sweeps, key, () => []).push(point)
  }
  return [...sweeps.values()].flatMap((sweep) => {
    const { track, kind, prover, label, side, clock } = sweep[0] as PointSummary
    return PHASES.flatMap((phase) =>
      (['time_s', 'mem_mb'] as const).flatMap((metric) =>
        (['totalCost', 'param_count'] as const).flatMap((against) => {
          const law = chooseScalingLaw(sweep.flatMap((point) => readSize(point, phase, metric, against)))
          return law
            ? [
                {
                  track,
                  kind,
                  prover: prover?.name ?? null,
                  label,
                  side,
                  clock,
                  phase,
                  metric,
                  against,
                  ...law,
                },
              ]
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

/** What an operator costs: a part that does not depend on the size, such as tables, and a part for each value. */
export interface OperatorCost {
  track: string | null
  operator: string
  prover: string | null
  /** Prover, and what differs between its variants in view. */
  label: string | null
  side: 'a' | 'b' | null
  /** Numbers of values, ascending. */
  sizes: number[]
  /** By counter (totalCost, numConstraints, numMul, …) and artifact size: fixed + per_value · size. */
  costs: Record<string, LinearCost>
}

interface LinearCost {
  fixed: number
  per_value: number
  /** Largest distance from the line, as a part of the figure; 0 is exact. */
  residual: number
}

const MIN_SIZES = 2

/**
 * Fits a line to each counter over the sizes of each operator, by least squares: of the points that have the parameters
 * `op` and `size`, as those of the operators track. Needs at least two sizes.
 */
export function fitOperatorCosts(points: readonly PointSummary[]): OperatorCost[] {
  const sized = points.filter(({ operator }) => operator)
  const sweeps = Map.groupBy(sized, ({ track, operator, prover, variant, side }) =>
    JSON.stringify([track, operator!.name, prover?.name, variant, side]),
  )
  return [...sweeps.values()].flatMap((sweep) => {
    const { track, operator, prover, label, side } = sweep[0]!
    const sizes = [...new Set(sweep.map((point) => point.operator!.size))].toSorted((a, b) => a - b)
    if (sizes.length < MIN_SIZES) return []
    const names = new Set(sweep.flatMap((point) => Object.keys(countsOf(point))))
    const costs = Object.fromEntries(
      [...names].flatMap((name) => {
        const known = sweep.flatMap((point) => {
          const count = countsOf(point)[name]
          return count === undefined ? [] : [[point.operator!.size, count] as [number, number]]
        })
        return known.length === sweep.length ? [[name, fitLine(known)] as const] : []
      }),
    )
    return [{ track, operator: operator!.name, prover: prover?.name ?? null, label, side, sizes, costs }]
  })
}

/** Counters, and sizes of artifacts as `circuit_size_bytes`. */
function countsOf({ counters, sizes_bytes }: PointSummary): Record<string, number> {
  return Object.fromEntries([
    ...Object.entries(counters).map(([name, { max }]) => [name, max]),
    ...Object.entries(sizes_bytes).map(([name, { max }]) => [`${name}_size_bytes`, max]),
  ])
}

function fitLine(known: [number, number][]): LinearCost {
  const { m, b } = linearRegression(known)
  const distances = known.map(
    ([size, count]) => Math.abs(count - b - m * size) / Math.max(1, Math.abs(count)),
  )
  return { fixed: b, per_value: m, residual: Math.max(...distances) }
}
