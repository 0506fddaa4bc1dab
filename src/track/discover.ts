import type { TestProject } from 'vitest/node'
import { ProvemarkError } from '../errors.ts'
import { compareNaturally } from '../lib/names.ts'
import { listenToTracks, type TrackDefinition } from './define.ts'
import { describeSchemaFault, SCHEMA_HINT } from '../lib/check-schema.ts'

export interface DiscoveredTrack {
  /** Absolute path of the bench file. */
  file: string
  track: TrackDefinition
}

/**
 * Loads the bench files that define tracks, so that flags, points and mistakes are known before anything runs.
 * @param rerun number of the run if it is not the first of its process
 * @throws ProvemarkError CONFIG_INVALID if a file cannot be loaded or two tracks share a name
 */
export async function discoverTracks(
  files: readonly string[],
  project: TestProject,
  rerun?: number,
): Promise<DiscoveredTrack[]> {
  const found: DiscoveredTrack[] = []
  for (const file of files.toSorted(compareNaturally)) {
    const own: DiscoveredTrack[] = []
    listenToTracks((track) => own.push({ file, track }))
    await project
      // A module that is already loaded would not run again.
      .import(rerun === undefined ? file : `${file}?rerun=${rerun}`)
      .catch((cause: unknown) => {
        throw new ProvemarkError('CONFIG_INVALID', `${file} could not be loaded: ${String(cause)}`, {
          cause,
          hint: 'put suites that use test() or describe() into separate bench files',
        })
      })
      .finally(() => listenToTracks(undefined))
    for (const { track } of own) checkTrack(track, file)
    found.push(...own)
  }
  found.sort((a, b) => rankOf(a) - rankOf(b))
  const names = found.map(({ track }) => track.name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice === undefined) return found
  throw new ProvemarkError(
    'CONFIG_INVALID',
    `two bench files define a track called ${JSON.stringify(twice)}`,
    {
      hint: `rename one of them: ${found
        .filter(({ track }) => track.name === twice)
        .map(({ file }) => file)
        .join(' and ')}`,
    },
  )
}

/** From quickest to slowest; the user's own tracks follow, by file name. */
const BUILT_IN_ORDER = [
  'lenet',
  'operators',
  'mlp',
  'resnet',
  'transformer',
  'depth',
  'breadth',
  'models',
  'workloads',
]

function rankOf({ track: { name } }: DiscoveredTrack): number {
  const rank = BUILT_IN_ORDER.indexOf(name)
  return rank < 0 ? BUILT_IN_ORDER.length : rank
}

/**
 * Refuses an argument of `defineTrack` that is not a track: in JavaScript no compiler does.
 * @throws ProvemarkError CONFIG_INVALID
 */
function checkTrack(track: TrackDefinition, file: string): void {
  const refuse = (fault: string, hint = 'the README shows how to define a track') => {
    throw new ProvemarkError('CONFIG_INVALID', `${file}: ${fault}`, { hint })
  }
  if (typeof track !== 'object' || track === null)
    return refuse('defineTrack: expected a track, given nothing')
  const { name, params, points } = track
  if (typeof name !== 'string' || !name) return refuse('defineTrack: name: expected the name of the track')
  const fault = describeSchemaFault(params)
  if (fault) return refuse(`track ${name}: params: ${fault}`, SCHEMA_HINT)
  if (typeof points !== 'function')
    return refuse(`track ${name}: points: expected a function that makes the points`)
}
