import { breadth } from '../../src/track/breadth.ts'
import type { TrackDefinition } from '../../src/track/define.ts'
import { depth } from '../../src/track/depth.ts'
import { lenet } from '../../src/track/lenet.ts'
import { models } from '../../src/track/models.ts'

/** The tracks that come with the package, in their order. */
export const TRACKS = [lenet, depth, breadth, models] as unknown as readonly TrackDefinition[]
