import { getOrAdd, startSet } from './collections.ts'
import { modelName, pointName } from './identity.ts'
import { canonicalJson } from './json.ts'
import type { Clock } from './outcome.ts'
import type { Row } from './schema.ts'

/** What figures may grow with: a numeric parameter of a track, `param_count` or `totalCost`. */
export type Axis = string

/** The sizes of the model and of the circuit, which points of any family have. */
export const SIZE_AXES: readonly Axis[] = ['param_count', 'totalCost']

/** What decides which points a law may connect. */
export interface Placed {
  track: string | null
  /** The variant, and its side of a comparison. */
  prover: string | null
  clock: Clock
  /** What it shares with the points that a law may connect it with, see `familyOf`. */
  family: string
  /** Its position on each axis. */
  places: Record<Axis, number>
}

/** How `jst bench` names the models of its depth and breadth sweeps. */
const SWEPT = /(?:^|_)d\d+_c\d+_/

/**
 * What the points of a family share besides their track: the parameters that are not numbers, such as an operator or a
 * model with open dimensions. Two models of which only the names are known share nothing.
 */
export function familyOf(row: Row): string {
  const { params, model, point, reported } = row
  const name = point ?? modelName(model) ?? ''
  if (reported) return pointName(row)
  if (!params) return SWEPT.test(name) ? '' : name
  const others = Object.entries(params).filter(
    ([key, value]) => typeof value !== 'number' && value != null && key !== 'dims',
  )
  return others
    .map(([key, value]) => (typeof value === 'string' ? value : `${key} ${canonicalJson(value)}`))
    .join(' ')
}

/** Parameters that are not sizes. */
const NO_AXES = new Set(['seed'])
/** What a parameter is called as an axis. */
const AXIS_NAMES: Readonly<Record<string, string>> = { input_hw: 'breadth' }

/**
 * Where a row's point lies on each axis, given its sizes. For rows without parameters it comes from the model's name:
 * `jst bench` names its models `depth_d3_…` and `breadth_h56_d5_…`.
 */
export function readPlaces(
  { params, model, point }: Row,
  sizes: Readonly<Record<Axis, number | null | undefined>>,
): Record<Axis, number> {
  const name = point ?? modelName(model) ?? ''
  const read = params
    ? Object.entries(params).map(([key, value]) => [AXIS_NAMES[key] ?? key, value] as const)
    : ([
        ['depth', Number(/(?:^|_)d(\d+)_c\d+_/.exec(name)?.[1])],
        ['breadth', Number(/^breadth_h(\d+)_/.exec(name)?.[1])],
      ] as const)
  return Object.fromEntries(
    [...read, ...Object.entries(sizes)].flatMap(([axis, value]): [Axis, number][] =>
      typeof value === 'number' && Number.isFinite(value) && !NO_AXES.has(axis) ? [[axis, value]] : [],
    ),
  )
}

export function placeOf({ places }: Pick<Placed, 'places'>, axis: Axis): number | undefined {
  return Object.hasOwn(places, axis) ? places[axis] : undefined
}

/**
 * A results file may have any number of parameters: at most this many varying ones are tried, and at most this many
 * become axes.
 */
const MAX_TRIED = 64
const MAX_PARAMETERS = 6

/**
 * The axes of these points: the parameters along which points of a family vary, in order of appearance, then the sizes.
 */
export function findAxes(points: readonly Placed[]): Axis[] {
  const values = new Map<Axis, Set<number>>()
  for (const { places } of points) {
    for (const [axis, value] of Object.entries(places)) getOrAdd(values, axis, startSet).add(value)
  }
  const varied = [...values].flatMap(([axis, own]) => (own.size > 1 ? [axis] : []))
  const parameters = varied
    .filter((axis) => !SIZE_AXES.includes(axis))
    .slice(0, MAX_TRIED)
    .filter((axis) => groupAlong(axis, points).some((own) => isVaried(axis, own)))
  return [...parameters.slice(0, MAX_PARAMETERS), ...SIZE_AXES.filter((axis) => varied.includes(axis))]
}

/**
 * The points that a law along an axis may connect, by increasing place: those of one track, variant, clock and family.
 * Along a parameter, they differ in no other one.
 */
export function groupAlong<Point extends Placed>(axis: Axis, points: readonly Point[]): Point[][] {
  const placed = points.filter((point) => placeOf(point, axis) !== undefined)
  const groups = Map.groupBy(placed, (point) => {
    const { track, prover, clock, family } = point
    return JSON.stringify([track, prover, clock, family, heldBeside(axis, point)])
  })
  return Array.from(groups.values(), (own) => own.toSorted((a, b) => placeOf(a, axis)! - placeOf(b, axis)!))
}

export function isVaried(axis: Axis, points: readonly Placed[]): boolean {
  return points.some((point) => placeOf(point, axis) !== placeOf(points[0]!, axis))
}

/** The parameters that a law along an axis holds fixed, by name; none along a size. */
export function heldBeside(axis: Axis, { places }: Pick<Placed, 'places'>): Record<Axis, number> {
  if (SIZE_AXES.includes(axis)) return {}
  return Object.fromEntries(
    Object.entries(places)
      .filter(([name]) => name !== axis && !SIZE_AXES.includes(name))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** `d_model 16` for each. */
export const showHeld = (held: Readonly<Record<Axis, number>>) =>
  Object.entries(held).map(([name, value]) => `${name} ${value}`)

/** What distinguishes lists: for each, the texts that at least one other list lacks. */
export function withoutShared(lists: readonly (readonly string[])[]): string[][] {
  const counts = new Map<string, number>()
  for (const text of lists.flat()) counts.set(text, (counts.get(text) ?? 0) + 1)
  return lists.map((own) => own.filter((text) => counts.get(text)! < lists.length))
}
