import { z } from 'zod'
import { architectureParams, cnnPoint } from './architecture.ts'
import type { TrackDefinition } from './define.ts'

const params = z.object({
  arch_depth: z.number().int().min(1).describe('blocks of every point').default(5),
  input_hw_list: z
    .array(z.number().int().min(1))
    .min(1)
    .describe('sides of the square inputs, pixels')
    .default([28, 56, 84, 112]),
  ...architectureParams,
})

/** The side of the input varies, the number of convolution blocks is fixed. */
export const breadthTrack = {
  name: 'breadth',
  params,
  results: 'breadth_sweep.jsonl',
  profiles: { quick: { arch_depth: 2, input_hw_list: [14, 20, 28] }, full: {} },
  points({ arch_depth, input_hw_list, ...architecture }, context) {
    return [...new Set(input_hw_list)].map((input_hw) =>
      cnnPoint(`breadth_h${input_hw}`, { ...architecture, depth: arch_depth, input_hw }, context),
    )
  },
} satisfies TrackDefinition<typeof params>
