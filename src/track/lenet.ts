import { z } from 'zod'
import { generateLenet } from '../model/generate/cnn.ts'
import type { TrackDefinition } from './define.ts'

const params = z.object({})

/** LeNet-5 for 3x32x32 images: 62,006 parameters, weights from the seed. */
export const lenetTrack = {
  name: 'lenet',
  params,
  points: (_, { seed }) => [{ id: 'lenet', params: { seed }, model: () => generateLenet({ seed }) }],
} satisfies TrackDefinition<typeof params>
