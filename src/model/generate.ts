import { makeModel, makeValueInfo, makeNode, makeTensor } from './build.ts'
import { cnnShape, type CnnParams } from './cnn-shape.ts'
import type { OnnxModel, OnnxNode, OnnxTensor } from './onnx.ts'
import { makeRandom, drawWeights, type Random } from './random.ts'

export const LENET_INPUT_SHAPE = [1, 3, 32, 32]
export const LENET_PARAM_COUNT = 62_006

/** LeNet-5 for 32x32 RGB images: two 5x5 conv blocks, two hidden fc layers, ten outputs; 62,006 parameters. */
export function generateLenet({ seed }: { seed: number }): OnnxModel {
  const chain = new LayerChain('input', makeRandom(seed))
    .conv('conv1', 3, 6, 5, 0)
    .relu('relu1')
    .maxPool('pool1')
    .conv('conv2', 6, 16, 5, 0)
    .relu('relu2')
    .maxPool('pool2')
    .flatten('flatten')
    .fc('fc1', 400, 120)
    .relu('relu3')
    .fc('fc2', 120, 84)
    .relu('relu4')
    .fc('fc3', 84, 10, 'output')
  return makeModel({
    node: chain.nodes,
    name: 'lenet',
    initializer: chain.initializers,
    input: [makeValueInfo('input', LENET_INPUT_SHAPE)],
    output: [makeValueInfo('output', [1, 10])],
  })
}

/** Shape of the input of models made by `generateCnn`. */
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

/** A chain of layers under construction: each step reads the value made by the last one. */
export class LayerChain {
  readonly nodes: OnnxNode[] = []
  readonly initializers: OnnxTensor[] = []
  readonly #random: Random
  #value: string

  constructor(input: string, random: Random) {
    this.#value = input
    this.#random = random
  }

  conv(name: string, inChannels: number, outChannels: number, kernel: number, pad: number): this {
    const fanIn = inChannels * kernel * kernel
    this.#parameters(name, [outChannels, inChannels, kernel, kernel], fanIn)
    return this.#add('Conv', name, {
      dilations: [1, 1],
      group: 1,
      kernel_shape: [kernel, kernel],
      pads: [pad, pad, pad, pad],
      strides: [1, 1],
    })
  }

  relu(name: string): this {
    return this.#add('Relu', name)
  }

  /** 2x2, stride 2: halves the sides, rounding down. */
  maxPool(name: string): this {
    return this.#add('MaxPool', name, { kernel_shape: [2, 2], pads: [0, 0, 0, 0], strides: [2, 2] })
  }

  flatten(name: string): this {
    return this.#add('Flatten', name, { axis: 1 })
  }

  fc(name: string, inFeatures: number, outFeatures: number, output?: string): this {
    this.#parameters(name, [outFeatures, inFeatures], inFeatures)
    return this.#add('Gemm', name, { alpha: { float: 1 }, beta: { float: 1 }, transB: 1 }, output)
  }

  #parameters(layer: string, weightDims: number[], fanIn: number): void {
    const outputs = weightDims[0]!
    const weight = drawWeights(this.#random, outputs * fanIn, fanIn)
    const bias = drawWeights(this.#random, outputs, fanIn)
    this.initializers.push(makeTensor(`${layer}.weight`, weightDims, weight))
    this.initializers.push(makeTensor(`${layer}.bias`, [outputs], bias))
  }

  #add(
    op: string,
    name: string,
    attributes: Parameters<typeof makeNode>[4] = {},
    output = `${name}_out`,
  ): this {
    const parameters = op === 'Conv' || op === 'Gemm' ? [`${name}.weight`, `${name}.bias`] : []
    this.nodes.push(makeNode(op, name, [this.#value, ...parameters], [output], attributes))
    this.#value = output
    return this
  }
}
