import { chooseScalingLaw, type ScalingLaw } from '../row/statistics/scaling-law.ts'
import type { MetricId } from '../row/metrics.ts'
import type { Axis, ReportPoint, ScalingGroup, Side } from './data.ts'
import { figureOf, listMetrics, placeOf, SIZE_AXES, TOTAL_COST } from './metrics.ts'

/** A results file may name any number of parameters. */
const MAX_AXES = 8

/**
 * Groups the points that the scaling plots connect. Along a parameter: points of one family and prover that differ in
 * nothing else. Along param_count and totalCost: all points of a family. Points without a family stand alone there, as
 * one group that nothing connects. An axis on which nothing varies has no group.
 */
export function groupPoints(points: Record<Side, ReportPoint[]>): ScalingGroup[] {
  const all = [...points.now, ...points.base]
  const names = new Set(all.flatMap(({ places }) => Object.keys(places)))
  const axes = [...names].filter((axis) => !SIZE_AXES.includes(axis))
  return [...axes, ...SIZE_AXES.filter((axis) => names.has(axis))]
    .map((axis) => {
      const groups = (['now', 'base'] as const).flatMap((side) => groupAlong(axis, side, points[side]))
      const xs = groups.flatMap(({ side, members }) => members.map((i) => placeOf(points[side][i]!, axis)))
      return new Set(xs).size > 1 ? groups : []
    })
    .filter((groups) => groups.length)
    .slice(0, MAX_AXES)
    .flat()
}

function groupAlong(axis: Axis, side: Side, points: readonly ReportPoint[]): ScalingGroup[] {
  const isSize = SIZE_AXES.includes(axis)
  const x = (i: number) => placeOf(points[i]!, axis)!
  const placed = [...points.keys()].filter((i) => placeOf(points[i]!, axis) !== undefined)
  const isVaried = (members: readonly number[]) => new Set(members.map(x)).size > 1
  const byKey = (indices: readonly number[], read: (point: ReportPoint) => unknown) => [
    ...Map.groupBy(indices, (i) => {
      const { track, prover, clock } = points[i]!
      return JSON.stringify([track, prover, clock, read(points[i]!)])
    }).values(),
  ]
  const families = byKey(placed, (point) => [point.family, isSize ? null : heldBeside(axis, point)])
  const varied = families.filter(isVaried)
  const alone = isSize ? byKey(families.filter((own) => !isVaried(own)).flat(), () => null) : []
  const groups = [
    ...varied.map((members) => ({ members, isFamily: true })),
    ...alone.map((members) => ({ members, isFamily: false })),
  ]
  const labels = labelAll(groups, axis, points)
  return groups.map(({ members, isFamily }, i) => {
    const ordered = members.toSorted((a, b) => x(a) - x(b))
    const own = ordered.map((at) => points[at]!)
    const { prover, track, family } = own[0]!
    return {
      axis,
      side,
      label: labels[i]!,
      isFamily,
      color_key: [prover ?? 'no prover', track ?? 'no track', isFamily ? family : ''].join(' · '),
      members: ordered,
      laws: isFamily ? fitLaws(own, axis) : {},
    }
  })
}

/** The parameters that all points of a line share, as `name value` each. */
function heldBeside(axis: Axis, { places }: ReportPoint): string[] {
  return Object.entries(places)
    .filter(([name]) => name !== axis && !SIZE_AXES.includes(name))
    .map(([name, value]) => `${name} ${value}`)
    .toSorted()
}

/** Labels each group by what distinguishes it: its prover, its track, its family, then the values that are held constant. */
function labelAll(
  groups: readonly { members: number[]; isFamily: boolean }[],
  axis: Axis,
  points: readonly ReportPoint[],
): string[] {
  const firsts = groups.map(({ members, isFamily }) => ({ ...points[members[0]!]!, isFamily }))
  const varies = (read: (point: ReportPoint) => unknown) => new Set(firsts.map(read)).size > 1
  const held = SIZE_AXES.includes(axis)
    ? firsts.map((): string[] => [])
    : firsts.map((own) => heldBeside(axis, own))
  const isShared = (text: string) => held.every((own) => own.includes(text))
  return firsts.map((point, i) => {
    const { prover, track, clock, isFamily, family } = point
    const parts = [
      prover,
      varies((own) => own.track) && track,
      varies((own) => own.family) && (isFamily ? family : 'models without a family'),
      ...held[i]!.filter((text) => !isShared(text)),
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
