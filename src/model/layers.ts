import { makeNode, makeTensor } from './build.ts'
import type { OnnxNode, OnnxTensor } from './onnx.ts'
import { drawWeights, type Random } from './random.ts'

/** A chain of layers under construction: each step reads the value that the last one made. */
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
