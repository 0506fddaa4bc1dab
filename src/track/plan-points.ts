import { join, resolve } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import { fileOf, type Point } from '../point/point.ts'
import type { TrackContext, TrackDefinition } from './define.ts'

interface PlanContext extends TrackContext {
  /** Appended to every id; `''` for no suffix. */
  tag: string
}

/**
 * The points of one track, or only those with `wanted` ids if given.
 * @throws ProvemarkError CONFIG_INVALID if the track cannot make its points or two share an id
 */
export async function planPoints(
  track: TrackDefinition,
  params: Record<string, unknown>,
  { seed, root, tag }: PlanContext,
  wanted?: readonly string[],
): Promise<Point[]> {
  const made = await track.points(params, { seed, root })
  // Phases run in separate folders.
  const place = <Own>(own: Own) => (typeof own === 'string' ? resolve(root, own) : own)
  const points = made.map(({ id, model, workload, input, ...rest }): Point => ({
    ...rest,
    id: tag ? `${id}_${tag}` : id,
    ...(model === undefined ? {} : { model: place(model) }),
    ...(workload === undefined ? {} : { workload: place(workload) }),
    input: place(input),
  }))
  const ids = points.map(({ id }) => id)
  const twice = ids.find((id, i) => ids.indexOf(id) !== i)
  if (twice !== undefined) {
    throw new ProvemarkError(
      'CONFIG_INVALID',
      `track ${track.name}: two points have the id ${JSON.stringify(twice)}`,
      {
        hint: `ids of a track must differ: put what varies into the id${listFiles(points.filter(({ id }) => id === twice))}`,
      },
    )
  }
  const both = points.find(({ model, workload }) => model !== undefined && workload !== undefined)
  if (both) {
    throw new ProvemarkError('CONFIG_INVALID', `track ${track.name}: ${both.id} has a model and a workload`, {
      hint: 'model is for ONNX files, workload for any other file: give one of them',
    })
  }
  return wanted ? points.filter(({ id }) => wanted.includes(id)) : points
}

/** Paths of the points that are files. */
function listFiles(points: readonly Point[]): string {
  const files = points.flatMap((point) => fileOf(point) ?? [])
  return files.length ? `; the files are ${files.map((file) => JSON.stringify(file)).join(' and ')}` : ''
}

/** Default results file of a track. */
export function resultsFileOf(track: TrackDefinition): string {
  return join('benchmarking', track.results ?? `${track.name}.jsonl`)
}

/** Every combination of the values of each parameter, each once, the last one varying fastest. */
export function combine<Params extends Record<string, unknown>>(values: {
  [Key in keyof Params]: readonly Params[Key][]
}): Params[] {
  return Object.entries(values as Record<string, readonly unknown[]>).reduce<Record<string, unknown>[]>(
    (made, [key, own]) => made.flatMap((one) => [...new Set(own)].map((value) => ({ ...one, [key]: value }))),
    [{}],
  ) as Params[]
}
