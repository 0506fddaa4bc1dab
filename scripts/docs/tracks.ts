import { breadthTrack, depthTrack, lenetTrack } from '../../src/track/cnn.ts'
import type { TrackDefinition } from '../../src/track/define.ts'
import { modelsTrack, workloadsTrack } from '../../src/track/models.ts'
import { mlpTrack, resnetTrack, transformerTrack } from '../../src/track/networks.ts'
import { operatorsTrack } from '../../src/track/operators.ts'

/** The tracks that come with the package, in their order. */
export const TRACKS = [
  lenetTrack,
  operatorsTrack,
  mlpTrack,
  resnetTrack,
  transformerTrack,
  depthTrack,
  breadthTrack,
  modelsTrack,
  workloadsTrack,
] as unknown as readonly TrackDefinition[]
