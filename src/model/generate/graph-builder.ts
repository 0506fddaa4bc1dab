import {
  type AttributeValue,
  DATA_TYPE,
  makeModel,
  makeNode,
  makeTensor,
  makeValueInfo,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from '../onnx.ts'
import { sizeOf } from '../ports.ts'
import { drawUniform, drawWeights, makeRandom, type Random } from '../random.ts'
import { inferShapes } from '../shapes.ts'

export interface ConvLayer {
  inChannels: number
  outChannels: number
  kernel: number
  pad: number
  stride?: number
  /** Gain of the weights, see `weight`. */
  gain?: number
}

interface DenseLayer {
  inFeatures: number
  outFeatures: number
  /** Name of its output. */
  output?: string | undefined
  gain?: number
}

/** A graph under construction. Methods that make a value return its name. */
export class GraphBuilder {
  readonly #nodes: OnnxNode[] = []
  readonly #initializers: OnnxTensor[] = []
  readonly #inputs: OnnxValueInfo[] = []
  readonly #random: Random

  constructor(seed: number) {
    this.#random = makeRandom(seed)
  }

  input(name: string, shape: number[], elementType?: number): string {
    this.#inputs.push(makeValueInfo(name, shape, elementType))
    return name
  }

  /** Adds a node, and returns its first output. */
  add(
    operator: string,
    name: string,
    inputs: string[],
    attributes: Record<string, AttributeValue> = {},
    outputs = [`${name}_out`],
  ): string {
    this.#nodes.push(makeNode(operator, name, inputs, outputs, attributes))
    return outputs[0]!
  }

  /** Adds an initializer. */
  store(name: string, dims: number[], values: Float32Array): string {
    this.#initializers.push(makeTensor(name, dims, values))
    return name
  }

  /** A weight of a layer, uniform in ±1/sqrt(fanIn), times the gain. */
  weight(name: string, dims: number[], fanIn: number, gain = 1): string {
    const values = drawWeights(this.#random, sizeOf(dims), fanIn)
    return this.store(name, dims, gain === 1 ? values : values.map((value) => value * gain))
  }

  /** A parameter, uniform in middle ± bound. */
  uniform(name: string, dims: number[], bound: number, middle = 0): string {
    return this.store(
      name,
      dims,
      drawUniform(this.#random, sizeOf(dims), bound).map((value) => value + middle),
    )
  }

  /** A float that is not a parameter of the model, such as an epsilon. */
  scalar(name: string, value: number): string {
    return this.store(name, [], Float32Array.of(value))
  }

  /** A square convolution of stride 1 unless another is given, with a bias. */
  conv(name: string, x: string, layer: ConvLayer): string {
    const { inChannels, outChannels, kernel, pad, stride = 1, gain } = layer
    const fanIn = inChannels * kernel * kernel
    const weight = this.weight(`${name}.weight`, [outChannels, inChannels, kernel, kernel], fanIn, gain)
    const bias = this.weight(`${name}.bias`, [outChannels], fanIn)
    return this.add('Conv', name, [x, weight, bias], {
      dilations: [1, 1],
      group: 1,
      kernel_shape: [kernel, kernel],
      pads: [pad, pad, pad, pad],
      strides: [stride, stride],
    })
  }

  /** A fully connected layer with a bias, as PyTorch exports it. */
  dense(name: string, x: string, { inFeatures, outFeatures, output, gain }: DenseLayer): string {
    const weight = this.weight(`${name}.weight`, [outFeatures, inFeatures], inFeatures, gain)
    const bias = this.weight(`${name}.bias`, [outFeatures], inFeatures)
    const attributes = { alpha: { float: 1 }, beta: { float: 1 }, transB: 1 }
    return this.add('Gemm', name, [x, weight, bias], attributes, [output ?? `${name}_out`])
  }

  /** Integers, such as a shape, in a Constant node: as an initializer they would count as parameters. */
  integers(name: string, values: readonly number[]): string {
    const tensor = makeTensor(name, [values.length], BigInt64Array.from(values, BigInt))
    return this.add('Constant', name, [], { value: { tensor } }, [name])
  }

  /** Booleans in a Constant node. */
  booleans(name: string, dims: number[], values: readonly boolean[]): string {
    const tensor = makeTensor(name, dims, Uint8Array.from(values, Number))
    return this.add('Constant', name, [], { value: { tensor } }, [name])
  }

  /**
   * The model; outputs are float32 and have the shapes that their operators give them.
   * @throws Error if the shape of an output is not known
   */
  build(
    name: string,
    outputs: readonly string[],
    { opset = 13, outputType = DATA_TYPE.FLOAT as number } = {},
  ): OnnxModel {
    const graph = { node: this.#nodes, name, initializer: this.#initializers, input: this.#inputs }
    const shapes = inferShapes(makeModel(graph, { opset }))
    const output = outputs.map((own) => {
      const shape = shapes.get(own)
      if (!shape) throw new Error(`the shape of ${own} in ${name} is unknown`)
      return makeValueInfo(own, [...shape], outputType)
    })
    return makeModel({ ...graph, output }, { opset })
  }
}
