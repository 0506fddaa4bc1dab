import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import { cnnShape, generateCnn, generateLenet, type CnnParams } from '../model/generate/cnn.ts'
import type { TrackContext, TrackDefinition } from './define.ts'

const noParams = z.object({})

/** LeNet-5 for 3x32x32 images: 62,006 parameters, weights from the seed. */
export const lenetTrack = {
  name: 'lenet',
  params: noParams,
  points: (_, { seed }) => [{ id: 'lenet', params: { seed }, model: () => generateLenet({ seed }) }],
} satisfies TrackDefinition<typeof noParams>

const count = (description: string) => z.number().int().min(1).describe(description)

/** Parameters that the depth and breadth tracks share. */
export const architectureParams = {
  in_ch: count('input channels').default(4),
  conv_out_ch: count('channels of every convolution').default(16),
  fc_hidden: count('width of the hidden fully connected layer').default(128),
  n_actions: count('outputs of the model').default(10),
  pool_cap: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('largest number of 2x2 max-pools; default: 2, or no limit if stop_at_hw is given'),
  stop_at_hw: count(
    'pool only while the side stays at or above this many pixels; default: no limit',
  ).optional(),
}

/** Its id is `depth_d3_c3_p2_f1_r4`, `breadth_h56_d5_c5_p2_f1_r6`. */
export function cnnPoint(family: string, architecture: CnnParams, { seed }: Pick<TrackContext, 'seed'>) {
  const { pool_cap, stop_at_hw, ...sizes } = architecture
  const params = {
    ...sizes,
    ...(pool_cap === undefined ? {} : { pool_cap }),
    ...(stop_at_hw === undefined ? {} : { stop_at_hw }),
    seed,
  }
  const { conv, pool, fc, relu } = cnnShape(params)
  const id = `${family}_d${params.depth}_c${conv}_p${pool}_f${fc}_r${relu}`
  return { id, params, model: () => generateCnn(params) }
}

const depthParams = z.object({
  depth_min: count('blocks of the first point').default(1),
  depth_max: count('blocks of the last point').default(12),
  input_hw: count('side of the square input, pixels').default(56),
  ...architectureParams,
})

/** The number of convolution blocks varies, the input side is fixed. */
export const depthTrack = {
  name: 'depth',
  params: depthParams,
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
} satisfies TrackDefinition<typeof depthParams>

const breadthParams = z.object({
  arch_depth: count('blocks of every point').default(5),
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
  params: breadthParams,
  results: 'breadth_sweep.jsonl',
  profiles: { quick: { arch_depth: 2, input_hw_list: [14, 20, 28] }, full: {} },
  points({ arch_depth, input_hw_list, ...architecture }, context) {
    return [...new Set(input_hw_list)].map((input_hw) =>
      cnnPoint(`breadth_h${input_hw}`, { ...architecture, depth: arch_depth, input_hw }, context),
    )
  },
} satisfies TrackDefinition<typeof breadthParams>
