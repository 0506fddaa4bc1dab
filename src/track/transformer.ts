import { z } from 'zod'
import {
  checkTransformer,
  generateTransformer,
  type TransformerParams,
} from '../model/generate/transformer.ts'
import { combine } from './architecture.ts'
import type { TrackContext, TrackDefinition } from './define.ts'

type Shape = Omit<TransformerParams, 'form'>

/** Sizes by name; the last three are those of jolt-atlas's example models. */
const SIZES = {
  tiny: { layers: 1, heads: 2, d_model: 16, seq_len: 8, vocab: 32 },
  micro: { layers: 1, heads: 4, d_model: 16, seq_len: 16, vocab: 32 },
  mini: { layers: 2, heads: 8, d_model: 32, seq_len: 32, vocab: 1024 },
  nano: { layers: 4, heads: 4, d_model: 64, seq_len: 64, vocab: 65 },
} satisfies Record<string, Shape>

const list = (description: string) =>
  z.array(z.number().int().min(1)).min(1).describe(`${description}; default: those of the size`).optional()

/** Also of `provemark generate transformer`. */
export const formSchema = z
  .enum(['operators', 'decomposed'])
  .describe('LayerNorm and Gelu as operators of their own, or as those that PyTorch exports for them')
  .default('operators')

const params = z.object({
  size: z
    .array(z.enum(['tiny', 'micro', 'mini', 'nano']))
    .min(1)
    .describe('sizes by name, which the other parameters override')
    .default(['micro', 'mini', 'nano'])
    .meta({ commas: true }),
  layers: list('numbers of layers'),
  heads: list('numbers of attention heads'),
  d_model: list('widths; a multiple of the heads'),
  seq_len: list('numbers of tokens'),
  vocab: list('numbers of words'),
  form: formSchema,
})

/**
 * Its id is `transformer_l4_h4_d64_t64_v65`, with `_decomposed` behind it for that form.
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
  params,
  profiles: { quick: { size: ['tiny'] }, full: {} },
  points({ size, form, ...given }, context) {
    const shapes = size.flatMap((name) => {
      const { layers, heads, d_model, seq_len, vocab } = SIZES[name]
      return combine<Shape>({
        layers: given.layers ?? [layers],
        heads: given.heads ?? [heads],
        d_model: given.d_model ?? [d_model],
        seq_len: given.seq_len ?? [seq_len],
        vocab: given.vocab ?? [vocab],
      })
    })
    const points = shapes.map((shape) => transformerPoint({ ...shape, form }, context))
    return [...new Map(points.map((point) => [point.id, point])).values()]
  },
} satisfies TrackDefinition<typeof params>
