import { z } from 'zod'
import {
  ACTIVATIONS,
  countStages,
  generateMlp,
  generateResnet,
  type MlpParams,
  type ResnetParams,
} from '../model/generate/networks.ts'
import {
  checkTransformer,
  generateTransformer,
  type TransformerParams,
} from '../model/generate/transformer.ts'
import type { TrackContext, TrackDefinition } from './define.ts'
import { combine } from './plan-points.ts'

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

type TransformerShape = Omit<TransformerParams, 'form'>

/** Sizes by name; the last three are those of jolt-atlas's example models. */
const SIZES = {
  tiny: { layers: 1, heads: 2, d_model: 16, seq_len: 8, vocab: 32 },
  micro: { layers: 1, heads: 4, d_model: 16, seq_len: 16, vocab: 32 },
  mini: { layers: 2, heads: 8, d_model: 32, seq_len: 32, vocab: 1024 },
  nano: { layers: 4, heads: 4, d_model: 64, seq_len: 64, vocab: 65 },
} satisfies Record<string, TransformerShape>

const override = (description: string) => list(`${description}; default: those of the size`).optional()

/** Also of `provemark generate transformer`. */
export const formSchema = z
  .enum(['operators', 'decomposed'])
  .describe('LayerNorm and Gelu as single operators, or as the several that PyTorch exports for them')
  .default('operators')

const transformerParams = z.object({
  size: z
    .array(z.enum(['tiny', 'micro', 'mini', 'nano']))
    .min(1)
    .describe('sizes by name, which the other parameters override')
    .default(['micro', 'mini', 'nano'])
    .meta({ commas: true }),
  layers: override('numbers of layers'),
  heads: override('numbers of attention heads'),
  d_model: override('widths; a multiple of the heads'),
  seq_len: override('numbers of tokens'),
  vocab: override('vocabulary sizes'),
  form: formSchema,
})

/**
 * Its id is `transformer_l4_h4_d64_t64_v65`, with `_decomposed` appended for that form.
 * @throws ProvemarkError CONFIG_INVALID if no such model can be made
 */
export function transformerPoint(shape: TransformerParams, { seed }: Pick<TrackContext, 'seed'>) {
  checkTransformer(shape)
  const { layers, heads, d_model, seq_len, vocab, form } = shape
  const size = `l${layers}_h${heads}_d${d_model}_t${seq_len}_v${vocab}`
  const id = `transformer_${size}${form === 'decomposed' ? '_decomposed' : ''}`
  return { id, params: { ...shape, seed }, model: () => generateTransformer({ ...shape, seed }) }
}

/** A decoder-only transformer from tokens to the logits of all positions. */
export const transformerTrack = {
  name: 'transformer',
  params: transformerParams,
  profiles: { quick: { size: ['tiny'] }, full: {} },
  points({ size, form, ...given }, context) {
    const shapes = size.flatMap((name) => {
      const sizes = Object.entries(SIZES[name]) as [keyof TransformerShape, number][]
      const values = sizes.map(([key, value]) => [key, given[key] ?? [value]])
      return combine<TransformerShape>(Object.fromEntries(values))
    })
    const points = shapes.map((shape) => transformerPoint({ ...shape, form }, context))
    return [...new Map(points.map((point) => [point.id, point])).values()]
  },
} satisfies TrackDefinition<typeof transformerParams>
