import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import { architectureParams, cnnPoint } from './architecture.ts'
import type { TrackDefinition } from './define.ts'

const params = z.object({
  depth_min: z.number().int().min(1).describe('blocks of the first point').default(1),
  depth_max: z.number().int().min(1).describe('blocks of the last point').default(12),
  input_hw: z.number().int().min(1).describe('side of the square input, pixels').default(56),
  ...architectureParams,
})

/** The number of convolution blocks varies, the input side is fixed. */
export const depthTrack = {
  name: 'depth',
  params,
  results: 'depth_sweep.jsonl',
  profiles: { quick: { depth_max: 3, input_hw: 28 }, full: {} },
  points({ depth_min, depth_max, ...architecture }, context) {
    if (depth_min > depth_max) {
      throw new ProvemarkError(
        'CONFIG_INVALID',
        `depth_min is ${depth_min}, above depth_max, which is ${depth_max}`,
        { hint: `give a depth_min of at most ${depth_max}, or a larger depth_max` },
      )
    }
    return Array.from({ length: depth_max - depth_min + 1 }, (_, i) =>
      cnnPoint('depth', { ...architecture, depth: depth_min + i }, context),
    )
  },
} satisfies TrackDefinition<typeof params>
