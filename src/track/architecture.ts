import { z } from 'zod'
import { cnnShape } from '../model/generate/cnn.ts'
import { generateCnn } from '../model/generate/cnn.ts'
import type { Point } from '../point/point.ts'
import type { TrackContext } from './define.ts'

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

interface Architecture {
  in_ch: number
  conv_out_ch: number
  fc_hidden: number
  n_actions: number
  pool_cap?: number | undefined
  stop_at_hw?: number | undefined
}

/** Its id is `depth_d3_c3_p2_f1_r4`, `breadth_h56_d5_c5_p2_f1_r6`. */
export function cnnPoint(
  family: string,
  architecture: Architecture & { depth: number; input_hw: number },
  { seed }: Pick<TrackContext, 'seed'>,
): Point {
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

/** Every combination of the values of each parameter, each once, the last one varying fastest. */
export function combine<Params extends Record<string, unknown>>(values: {
  [Key in keyof Params]: readonly Params[Key][]
}): Params[] {
  return Object.entries(values as Record<string, readonly unknown[]>).reduce<Record<string, unknown>[]>(
    (made, [key, own]) => made.flatMap((one) => [...new Set(own)].map((value) => ({ ...one, [key]: value }))),
    [{}],
  ) as Params[]
}
