import { breadthTrack } from '../../src/track/breadth.ts'
import type { TrackDefinition } from '../../src/track/define.ts'
import { depthTrack } from '../../src/track/depth.ts'
import { lenetTrack } from '../../src/track/lenet.ts'
import { modelsTrack } from '../../src/track/models.ts'
import { transformerTrack } from '../../src/track/transformer.ts'
import { mlpTrack, resnetTrack } from '../../src/track/networks.ts'
import { operatorsTrack } from '../../src/track/operators.ts'
import { workloadsTrack } from '../../src/track/workloads.ts'

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
