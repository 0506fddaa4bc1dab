import { linearRegression } from 'simple-statistics'
import type { PointSummary } from './summary.ts'
import { PHASES, type Phase } from './schema.ts'
import { chooseScalingLaw } from './statistics/scaling-law.ts'

/** How one figure of one phase grows with the size of the circuit or the model across a track's points. */
export type PhaseScaling = ReturnType<typeof findScaling>[number]

/**
 * Fits the medians of each phase across the points of each track, variant and side that differ in numbers alone, such as
 * those of one operator. Needs at least three sizes.
 */
export function findScaling(points: readonly PointSummary[]) {
  const sweeps = Map.groupBy(points, ({ track, kind, prover, variant, side, clock }) =>
    JSON.stringify([track, kind, prover?.name, variant, side, clock]),
  )
  return [...sweeps.values()].flatMap((sweep) => {
    const { track, kind, prover, label, side, clock } = sweep[0]!
    const common = { track, kind, prover: prover?.name ?? null, label, side, clock }
    return PHASES.flatMap((phase) =>
      (['time_s', 'mem_mb'] as const).flatMap((metric) =>
        (['totalCost', 'param_count'] as const).flatMap((against) => {
          const law = chooseScalingLaw(sweep.flatMap((point) => readSize(point, phase, metric, against)))
          return law ? [{ ...common, phase, metric, against, ...law }] : []
        }),
      ),
    )
  })
}

function readSize(
  point: PointSummary,
  phase: Phase,
  metric: 'time_s' | 'mem_mb',
  against: 'totalCost' | 'param_count',
): { x: number; y: number }[] {
  const x = against === 'param_count' ? point.param_count : point.counters['totalCost']?.max
  const y = point.phases.find((own) => own.phase === phase)?.[metric]?.median
  return x == null || y === undefined ? [] : [{ x, y }]
}

const MIN_SIZES = 2

export type OperatorCost = ReturnType<typeof fitOperatorCosts>[number]

/**
 * What an operator costs: a part that does not depend on the size, such as tables, and a part for each value.
 * Fits a line to each counter over the sizes of each operator, by least squares: of the points that have the parameters
 * `op` and `size`, as those of the operators track. Needs at least two sizes.
 */
export function fitOperatorCosts(points: readonly PointSummary[]) {
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

/** `residual` is the largest distance from the line, as a part of the figure; 0 is exact. */
function fitLine(known: [number, number][]) {
  const { m, b } = linearRegression(known)
  const distances = known.map(
    ([size, count]) => Math.abs(count - b - m * size) / Math.max(1, Math.abs(count)),
  )
  return { fixed: b, per_value: m, residual: Math.max(...distances) }
}
