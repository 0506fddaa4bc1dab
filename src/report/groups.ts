import type { MetricId } from '../row/metrics.ts'
import { getOrAdd } from '../row/collections.ts'
import { chooseScalingLaw, type ScalingLaw } from '../row/statistics/scaling-law.ts'
import { AXES, type Axis, type Places } from './axes.ts'
import type { ReportPoint, ScalingGroup, Side } from './data.ts'
import { figureOf, listMetrics, TOTAL_COST } from './metrics.ts'

/**
 * Groups the points that the scaling plots connect. Along depth: points of one prover that differ only in depth. Along
 * breadth: those that differ only in breadth. Along param_count and totalCost: the points of a track. An axis on which
 * nothing varies has no group.
 */
export function groupPoints(points: Record<Side, ReportPoint[]>): ScalingGroup[] {
  return AXES.flatMap((axis) => {
    const groups = (['now', 'base'] as const).flatMap((side) => groupAlong(axis, side, points[side]))
    const xs = groups.flatMap(({ side, members }) => members.map((i) => points[side][i]!.places[axis]))
    return new Set(xs).size > 1 ? groups : []
  })
}

function colorKey({ prover, track }: ReportPoint): string {
  return [prover ?? 'no prover', track ?? 'no track'].join(' · ')
}

const HELD: Partial<Record<Axis, Axis>> = { depth: 'breadth', breadth: 'depth' }

function groupAlong(axis: Axis, side: Side, points: readonly ReportPoint[]): ScalingGroup[] {
  const held = HELD[axis]
  const byKey = new Map<string, number[]>()
  for (const [i, point] of points.entries()) {
    if (point.places[axis] === undefined) continue
    const { track, prover, clock, places } = point
    const key = JSON.stringify([track, prover, clock, held && places[held]])
    getOrAdd(byKey, key, () => []).push(i)
  }
  const x = (i: number) => points[i]?.places[axis] as number
  const candidates = [...byKey.values()]
    .map((members) => members.toSorted((a, b) => x(a) - x(b)))
    .filter((members) => !held || x(members[0]!) !== x(members.at(-1)!))
  return labelAll(candidates, points, held).map(({ label, members }) => ({
    axis,
    side,
    label,
    color_key: colorKey(points[members[0]!]!),
    members,
    laws: fitLaws(
      members.map((i) => points[i]!),
      axis,
    ),
  }))
}

/** Labels each group by what distinguishes it: its prover, its track, then the value that is held constant. */
function labelAll(candidates: number[][], points: readonly ReportPoint[], held: Axis | undefined) {
  const firsts = candidates.map((members) => points[members[0]!]!)
  const varies = (read: (point: ReportPoint) => unknown) => new Set(firsts.map(read)).size > 1
  const parts: [boolean, (point: ReportPoint) => string | null][] = [
    [true, ({ prover }) => prover],
    [varies(({ track }) => track), ({ track }) => track],
    [
      held !== undefined && varies((point) => point.places[held]),
      (point) => describeHeld(held!, point.places),
    ],
    [varies(({ clock }) => clock), ({ clock }) => (clock === 'wall' ? 'wall clock' : "prover's clock")],
  ]
  return candidates.map((members, i) => {
    const point = firsts[i]!
    const label = parts.flatMap(([isShown, read]) => (isShown ? (read(point) ?? []) : [])).join(' · ')
    return { label: label || point.track || 'all points', members }
  })
}

function describeHeld(held: Axis, places: Places): string {
  return held === 'breadth' ? `side ${places[held]}` : `depth ${places[held]}`
}

function fitLaws(members: readonly ReportPoint[], axis: Axis): Record<MetricId, ScalingLaw> {
  const laws = listMetrics(members).flatMap(({ id }): [MetricId, ScalingLaw][] => {
    if (axis === 'totalCost' && id === TOTAL_COST) return []
    const law = chooseScalingLaw(
      members.flatMap((point) => {
        const [x, y] = [point.places[axis], figureOf(point, id)?.median]
        return x === undefined || y === undefined ? [] : [{ x, y }]
      }),
    )
    return law ? [[id, law]] : []
  })
  return Object.fromEntries(laws)
}
