import { makeModel, makeValueInfo } from './build.ts'
import { cnnShape, type CnnParams } from './cnn-shape.ts'
import { LayerChain } from './layers.ts'
import type { OnnxModel } from './onnx.ts'
import { makeRandom } from './random.ts'

export { cnnShape } from './cnn-shape.ts'
export type { CnnParams } from './cnn-shape.ts'

/** Shape of the input of `generateCnn`'s models. */
export function cnnInputShape({ in_ch, input_hw }: Pick<CnnParams, 'in_ch' | 'input_hw'>): number[] {
  return [1, in_ch, input_hw, input_hw]
}

/**
 * A CNN of the depth and breadth tracks: `depth` blocks of conv 3x3 and relu, the first of them with a 2x2
 * max-pool (see `planPools`), then flatten, fc, relu, fc. Input 1 x in_ch x input_hw x input_hw, output
 * 1 x n_actions; the same bytes for the same parameters.
 * @throws ProvemarkError CONFIG_INVALID
 */
export function generateCnn(params: CnnParams & { seed: number }): OnnxModel {
  const { depth, in_ch, conv_out_ch, fc_hidden, n_actions, seed } = params
  const { pool, flat } = cnnShape(params)
  const chain = new LayerChain('input', makeRandom(seed))
  for (let block = 1; block <= depth; block++) {
    chain.conv(`conv${block}`, block === 1 ? in_ch : conv_out_ch, conv_out_ch, 3, 1).relu(`relu${block}`)
    if (block <= pool) chain.maxPool(`pool${block}`)
  }
  chain
    .flatten('flatten')
    .fc('fc1', flat, fc_hidden)
    .relu(`relu${depth + 1}`)
    .fc('fc2', fc_hidden, n_actions, 'output')
  return makeModel({
    node: chain.nodes,
    name: 'cnn',
    initializer: chain.initializers,
    input: [makeValueInfo('input', cnnInputShape(params))],
    output: [makeValueInfo('output', [1, n_actions])],
  })
}
