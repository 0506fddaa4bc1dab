import { linearRegression } from 'simple-statistics'
import { findAxes, groupAlong, heldBeside, placeOf } from './families.ts'
import { counterMetric } from './metrics.ts'
import type { PointSummary } from './summary.ts'
import { PHASES } from './schema.ts'
import { chooseScalingLaw } from './statistics/scaling-law.ts'

/** How one figure grows along an axis: with a parameter of the track, or the size of the model or the circuit. */
export type FigureScaling = ReturnType<typeof findScaling>[number]

const TOTAL_COST = 'totalCost'

/** The figures of a point that laws are fitted to; the circuit is the same in all phases. */
const FIGURES = [
  { phase: null, metric: counterMetric(TOTAL_COST) },
  ...PHASES.flatMap((phase) => (['time_s', 'mem_mb'] as const).map((metric) => ({ phase, metric }))),
]

/**
 * Fits the medians of each phase, and totalCost, along every axis of the points, for the points that a law may connect:
 * those of one track, variant, side and family, and along a parameter with all others held fixed. Needs at least three
 * sizes.
 */
export function findScaling(points: readonly PointSummary[]) {
  const placed = points.map(({ prover, ...point }) => ({
    ...point,
    program: prover?.name ?? null,
    prover: JSON.stringify([point.label, point.side]),
  }))
  return findAxes(placed).flatMap((against) =>
    groupAlong(against, placed).flatMap((members) => {
      const { track, family, program, label, side, clock } = members[0]!
      const held = heldBeside(against, members[0]!)
      const common = { track, family, prover: program, label, side, clock, against, held }
      return FIGURES.filter(({ metric }) => metric !== counterMetric(against)).flatMap((figure) => {
        const law = chooseScalingLaw(
          members.flatMap((point) => {
            const y = readFigure(point, figure)
            return y === undefined ? [] : [{ x: placeOf(point, against)!, y }]
          }),
        )
        return law ? [{ ...common, ...figure, ...law }] : []
      })
    }),
  )
}

function readFigure(
  point: Pick<PointSummary, 'places' | 'phases'>,
  figure: (typeof FIGURES)[number],
): number | undefined {
  if (figure.phase === null) return placeOf(point, TOTAL_COST)
  return point.phases.find(({ phase }) => phase === figure.phase)?.[figure.metric]?.median
}

const MIN_SIZES = 2

export type OperatorCost = ReturnType<typeof fitOperatorCosts>[number]

/**
 * What an operator costs: a part that does not depend on the size, such as tables, and a part for each value. Fits a
 * line to each counter over the sizes of each operator, by least squares, for points that have the parameters `op` and
 * `size`, such as those of the operators track. Needs at least two sizes.
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

/** `residual` is the largest distance from the line, as a fraction of the figure; 0 is exact. */
function fitLine(known: [number, number][]) {
  const { m, b } = linearRegression(known)
  const distances = known.map(
    ([size, count]) => Math.abs(count - b - m * size) / Math.max(1, Math.abs(count)),
  )
  return { fixed: b, per_value: m, residual: Math.max(...distances) }
}
