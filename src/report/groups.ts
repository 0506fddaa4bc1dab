import {
  type Axis,
  groupAlong,
  heldBeside,
  isVaried,
  findAxes,
  placeOf,
  showHeld,
  SIZE_AXES,
  withoutShared,
} from '../row/families.ts'
import type { MetricId } from '../row/metrics.ts'
import { chooseScalingLaw, type ScalingLaw } from '../row/statistics/scaling-law.ts'
import type { ReportPoint, ScalingGroup, Side } from './data.ts'
import { figureOf, listMetrics, TOTAL_COST } from './metrics.ts'

/** A point with its index among those of its side. */
type Member = ReportPoint & { index: number }

/**
 * Groups the points that the scaling plots connect. Along a parameter: points of one family and prover that differ in
 * nothing else. Along param_count and totalCost: all points of a family. Points without a family stand alone there, as
 * one group that nothing connects. An axis on which nothing varies has no group.
 */
export function groupPoints(points: Record<Side, ReportPoint[]>): ScalingGroup[] {
  const number = (own: readonly ReportPoint[]) => own.map((point, index): Member => ({ ...point, index }))
  const members = { now: number(points.now), base: number(points.base) }
  return findAxes([...points.now, ...points.base]).flatMap((axis) =>
    (['now', 'base'] as const).flatMap((side) => groupSide(axis, side, members[side])),
  )
}

function groupSide(axis: Axis, side: Side, points: readonly Member[]): ScalingGroup[] {
  const families = groupAlong(axis, points)
  const lone = families.filter((own) => !isVaried(axis, own)).flat()
  const alone = Map.groupBy(lone, ({ track, prover, clock }) => JSON.stringify([track, prover, clock]))
  const groups = [
    ...families.filter((own) => isVaried(axis, own)).map((members) => ({ members, isFamily: true })),
    ...(SIZE_AXES.includes(axis) ? [...alone.values()] : []).map((members) => ({
      members: members.toSorted((a, b) => placeOf(a, axis)! - placeOf(b, axis)!),
      isFamily: false,
    })),
  ]
  const labels = labelAll(groups, axis)
  return groups.map(({ members, isFamily }, i) => {
    const { prover, track, family } = members[0]!
    return {
      axis,
      side,
      label: labels[i]!,
      isFamily,
      color_key: [prover ?? 'no prover', track ?? 'no track', isFamily ? family : ''].join(' · '),
      members: members.map(({ index }) => index),
      laws: isFamily ? fitLaws(members, axis) : {},
    }
  })
}

/** Labels each group by what distinguishes it: its prover, its track, its family, then the values that are held constant. */
function labelAll(groups: readonly { members: Member[]; isFamily: boolean }[], axis: Axis): string[] {
  const firsts = groups.map(({ members, isFamily }) => ({ ...members[0]!, isFamily }))
  const varies = (read: (point: ReportPoint) => unknown) => new Set(firsts.map(read)).size > 1
  const held = withoutShared(firsts.map((own) => showHeld(heldBeside(axis, own))))
  return firsts.map((point, i) => {
    const { prover, track, clock, isFamily, family } = point
    const parts = [
      prover,
      varies((own) => own.track) && track,
      varies((own) => own.family) && (isFamily ? family : 'models without a family'),
      ...held[i]!,
      varies((own) => own.clock) && (clock === 'wall' ? 'wall clock' : "prover's clock"),
    ]
    return parts.filter(Boolean).join(' · ') || track || 'all points'
  })
}

function fitLaws(members: readonly ReportPoint[], axis: Axis): Record<MetricId, ScalingLaw> {
  const laws = listMetrics(members).flatMap(({ id }): [MetricId, ScalingLaw][] => {
    if (axis === 'totalCost' && id === TOTAL_COST) return []
    const law = chooseScalingLaw(
      members.flatMap((point) => {
        const y = figureOf(point, id)?.median
        return y === undefined ? [] : [{ x: placeOf(point, axis)!, y }]
      }),
    )
    return law ? [[id, law]] : []
  })
  return Object.fromEntries(laws)
}
