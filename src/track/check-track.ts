import { describeSchemaFault, SCHEMA_HINT } from '../check-schema.ts'
import { ProvemarkError } from '../errors.ts'
import type { TrackDefinition } from './define.ts'

/**
 * Refuses what a bench file gave to `defineTrack` where it is no track: in JavaScript nothing else does.
 * @throws ProvemarkError CONFIG_INVALID
 */
export function checkTrack(track: TrackDefinition, file: string): void {
  const refuse = (fault: string, hint = 'the README shows a track of your own') => {
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
