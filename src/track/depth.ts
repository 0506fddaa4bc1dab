import { z } from 'zod'
import { architectureParams, cnnPoint } from './architecture.ts'
import type { TrackDefinition } from './define.ts'
import { requireOrder } from './range.ts'

const params = z.object({
  depth_min: z.number().int().min(1).describe('blocks of the first point').default(1),
  depth_max: z.number().int().min(1).describe('blocks of the last point').default(12),
  input_hw: z.number().int().min(1).describe('side of the square input, pixels').default(56),
  ...architectureParams,
})

/** The number of convolution blocks varies, the input side is fixed. */
export const depth = {
  name: 'depth',
  params,
  results: 'depth_sweep.jsonl',
  profiles: { quick: { depth_max: 3, input_hw: 28 }, full: {} },
  points({ depth_min, depth_max, ...architecture }, context) {
    requireOrder({ depth_min, depth_max })
    return Array.from({ length: depth_max - depth_min + 1 }, (_, i) =>
      cnnPoint('depth', { ...architecture, depth: depth_min + i }, context),
    )
  },
} satisfies TrackDefinition<typeof params>
