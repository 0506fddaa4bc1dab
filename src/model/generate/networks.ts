import { ProvemarkError } from '../../errors.ts'
import type { OnnxModel } from '../onnx.ts'
import { GraphBuilder } from './graph-builder.ts'

export const ACTIVATIONS = ['relu', 'sigmoid', 'tanh', 'gelu', 'silu'] as const
type Activation = (typeof ACTIVATIONS)[number]

export interface MlpParams {
  /** Hidden layers. */
  layers: number
  /** Values of the input and of every hidden layer. */
  width: number
  activation: Activation
}

/** Outputs of the classifiers. */
const CLASSES = 10
/**
 * Gains of weights that preserve the scale of activations, for activations that cut off half of the values and for
 * others.
 */
const HALF_OPEN_GAIN = Math.sqrt(6)
const OTHER_GAIN = Math.sqrt(3)
/** The first operator set that has Gelu. */
const GELU_OPSET = 20

/**
 * A multilayer perceptron: input 1 x width, `layers` times a fully connected layer of that width and its activation,
 * then one to ten scores. The same bytes for the same parameters.
 */
export function generateMlp({ layers, width, activation, seed }: MlpParams & { seed: number }): OnnxModel {
  const graph = new GraphBuilder(seed)
  const gain = activation === 'sigmoid' || activation === 'tanh' ? OTHER_GAIN : HALF_OPEN_GAIN
  let value = graph.input('input', [1, width])
  for (let layer = 1; layer <= layers; layer++) {
    const made = graph.dense(`fc${layer}`, value, { inFeatures: width, outFeatures: width, gain })
    value = activate(graph, activation, `act${layer}`, made)
  }
  graph.dense('scores', value, { inFeatures: width, outFeatures: CLASSES, output: 'output' })
  return graph.build('mlp', ['output'], activation === 'gelu' ? { opset: GELU_OPSET } : {})
}

function activate(graph: GraphBuilder, activation: Activation, name: string, x: string): string {
  if (activation === 'silu') return graph.add('Mul', name, [x, graph.add('Sigmoid', `${name}.sigmoid`, [x])])
  const operator = { relu: 'Relu', sigmoid: 'Sigmoid', tanh: 'Tanh', gelu: 'Gelu' }[activation]
  return graph.add(operator, name, [x])
}

export interface ResnetParams {
  /** Residual blocks: 3 make ResNet-8, 9 make ResNet-20. */
  blocks: number
  /** Channels of the first stage. */
  channels: number
  /** Side of the square input, pixels. */
  input_hw: number
}

const IMAGE_CHANNELS = 3
const MAX_STAGES = 3

/**
 * A residual network in the style of those for CIFAR-10: a 3x3 convolution, `blocks` residual blocks of two 3x3
 * convolutions in up to three stages, each of which after the first halves the side and doubles the channels, a global
 * average pool and one fully connected layer to ten scores. Input 1 x 3 x input_hw x input_hw. Batch normalisation is
 * folded into the convolutions, as exporters do for inference. The same bytes for the same parameters.
 * @throws ProvemarkError CONFIG_INVALID if a side would fall below 1
 */
export function generateResnet({
  blocks,
  channels,
  input_hw,
  seed,
}: ResnetParams & { seed: number }): OnnxModel {
  const stages = countStages({ blocks, input_hw })
  const graph = new GraphBuilder(seed)
  const input = graph.input('input', [1, IMAGE_CHANNELS, input_hw, input_hw])
  const stem = { inChannels: IMAGE_CHANNELS, outChannels: channels, kernel: 3, pad: 1, gain: HALF_OPEN_GAIN }
  let value = graph.add('Relu', 'relu', [graph.conv('conv', input, stem)])
  let inChannels = channels
  for (let block = 0; block < blocks; block++) {
    const stage = Math.floor((block * stages) / blocks)
    const outChannels = channels * 2 ** stage
    value = addBlock(graph, `block${block + 1}`, value, { inChannels, outChannels })
    inChannels = outChannels
  }
  const pooled = graph.add('Flatten', 'flatten', [graph.add('GlobalAveragePool', 'pool', [value])], {
    axis: 1,
  })
  graph.dense('scores', pooled, {
    inFeatures: inChannels,
    outFeatures: CLASSES,
    output: 'output',
    gain: OTHER_GAIN,
  })
  return graph.build('resnet', ['output'])
}

/**
 * Stages of a residual network.
 * @throws ProvemarkError CONFIG_INVALID if a side would fall below 1
 */
export function countStages({ blocks, input_hw }: Pick<ResnetParams, 'blocks' | 'input_hw'>): number {
  const stages = Math.min(MAX_STAGES, blocks)
  if (input_hw < 2 ** (stages - 1)) {
    throw new ProvemarkError(
      'CONFIG_INVALID',
      `resnet: ${stages} stages would shrink a side of ${input_hw} below 1`,
      { hint: `set an input_hw of at least ${2 ** (stages - 1)}, or fewer blocks` },
    )
  }
  return stages
}

/** Two convolutions and a shortcut, with a 1x1 convolution if the number of channels changes. */
function addBlock(
  graph: GraphBuilder,
  name: string,
  x: string,
  { inChannels, outChannels }: { inChannels: number; outChannels: number },
): string {
  const stride = inChannels === outChannels ? 1 : 2
  const square = { outChannels, kernel: 3, pad: 1 }
  const first = graph.conv(`${name}.conv1`, x, { ...square, inChannels, stride, gain: HALF_OPEN_GAIN })
  const inner = graph.add('Relu', `${name}.relu1`, [first])
  // A small gain: each block adds to the residual stream.
  const second = graph.conv(`${name}.conv2`, inner, { ...square, inChannels: outChannels })
  const fit = { inChannels, outChannels, kernel: 1, pad: 0, stride, gain: OTHER_GAIN }
  const shortcut = stride === 1 ? x : graph.conv(`${name}.shortcut`, x, fit)
  return graph.add('Relu', `${name}.relu2`, [graph.add('Add', `${name}.add`, [second, shortcut])])
}
