import { z } from 'zod'
import {
  ACTIVATIONS,
  countStages,
  generateMlp,
  generateResnet,
  type MlpParams,
  type ResnetParams,
} from '../model/generate/networks.ts'
import { combine } from './architecture.ts'
import type { TrackContext, TrackDefinition } from './define.ts'

const list = (description: string) => z.array(z.number().int().min(1)).min(1).describe(description)

const mlpParams = z.object({
  layers: list('numbers of hidden layers').default([2, 4, 8, 16]),
  width: list('widths of the input and of every hidden layer').default([64, 256, 1024]),
  activation: z
    .array(z.enum(ACTIVATIONS))
    .min(1)
    .describe('activations of the hidden layers')
    .default(['relu'])
    .meta({ commas: true }),
})

/** Its id is `mlp_l2_w64_relu`. */
export function mlpPoint(shape: MlpParams, { seed }: Pick<TrackContext, 'seed'>) {
  const id = `mlp_l${shape.layers}_w${shape.width}_${shape.activation}`
  return { id, params: { ...shape, seed }, model: () => generateMlp({ ...shape, seed }) }
}

/** Multilayer perceptrons. */
export const mlpTrack = {
  name: 'mlp',
  params: mlpParams,
  profiles: { quick: { layers: [2], width: [64] }, full: {} },
  points: (params, context) => combine(params).map((shape) => mlpPoint(shape, context)),
} satisfies TrackDefinition<typeof mlpParams>

const resnetParams = z.object({
  blocks: list('numbers of residual blocks: 3 for ResNet-8, 9 for ResNet-20').default([3, 9]),
  channels: list('channels of the first stage; each further stage doubles them').default([16]),
  input_hw: list('sides of the square input, pixels').default([32]),
})

/**
 * Its id is `resnet_b3_c16_h32`.
 * @throws ProvemarkError CONFIG_INVALID if no such network can be made
 */
export function resnetPoint(shape: ResnetParams, { seed }: Pick<TrackContext, 'seed'>) {
  countStages(shape)
  const id = `resnet_b${shape.blocks}_c${shape.channels}_h${shape.input_hw}`
  return { id, params: { ...shape, seed }, model: () => generateResnet({ ...shape, seed }) }
}

/** Residual networks. */
export const resnetTrack = {
  name: 'resnet',
  params: resnetParams,
  profiles: { quick: { blocks: [1], channels: [4], input_hw: [8] }, full: {} },
  points: (params, context) => combine(params).map((shape) => resnetPoint(shape, context)),
} satisfies TrackDefinition<typeof resnetParams>
