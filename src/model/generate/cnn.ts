import { ProvemarkError } from '../../errors.ts'
import type { OnnxModel } from '../onnx.ts'
import { GraphBuilder, type ConvLayer } from './graph-builder.ts'

export interface PoolPlan {
  /** Conv blocks. */
  depth: number
  /** Side of the square input, pixels. */
  input_hw: number
  /** Maximum number of max-pools; with `stop_at_hw` the smaller of the two; with neither, 2. */
  pool_cap?: number | undefined
  /** Pool only as long as the side stays at or above this many pixels. */
  stop_at_hw?: number | undefined
}

export interface CnnParams extends PoolPlan {
  /** Input channels. */
  in_ch: number
  conv_out_ch: number
  /** Width of the hidden fully connected layer. */
  fc_hidden: number
  /** Outputs of the last layer. */
  n_actions: number
}

/** The counts in a point's id, and its size. `fc` counts the hidden layer alone, not the output layer. */
export interface CnnShape {
  conv: number
  pool: number
  fc: number
  relu: number
  param_count: number
  /** Side after the last pool, pixels. */
  final_hw: number
  /** Width of the flattened features. */
  flat: number
}

const DEFAULT_POOL_CAP = 2
// protobuf's limit for one message, and ONNX keeps the whole graph in one.
const LARGEST_FILE_BYTES = 2 ** 31 - 1

/**
 * How many of the conv blocks, from the first on, are followed by a 2x2 max-pool.
 * @throws ProvemarkError CONFIG_INVALID if a side would fall below 1
 */
export function planPools({ depth, input_hw, pool_cap, stop_at_hw }: PoolPlan): number {
  const allowed = Math.min(
    pool_cap ?? (stop_at_hw === undefined ? DEFAULT_POOL_CAP : Infinity),
    stop_at_hw === undefined ? Infinity : countHalvings(input_hw, stop_at_hw),
  )
  const pools = Math.min(depth, allowed)
  const possible = countHalvings(input_hw, 1)
  if (pools > possible) {
    throw new ProvemarkError(
      'CONFIG_INVALID',
      `depth ${depth} at ${input_hw}x${input_hw}: ${pools} pools would shrink the side below 1, ${possible} are possible`,
      { hint: `set pool_cap to ${possible} or less, or a larger input_hw` },
    )
  }
  return pools
}

function countHalvings(side: number, smallest: number): number {
  let halvings = 0
  for (let rest = Math.floor(side / 2); rest >= Math.max(smallest, 1); rest = Math.floor(rest / 2)) halvings++
  return halvings
}

/**
 * Counts layers and parameters without making weights.
 * @throws ProvemarkError CONFIG_INVALID naming the parameters that make no model
 */
export function cnnShape(params: CnnParams): CnnShape {
  const { depth, input_hw, in_ch, conv_out_ch, fc_hidden, n_actions } = params
  requirePositive({ depth, input_hw, in_ch, conv_out_ch, fc_hidden, n_actions })
  const pool = planPools(params)
  const final_hw = Math.floor(input_hw / 2 ** pool)
  const flat = conv_out_ch * final_hw * final_hw
  const convParams = (channels: number) => conv_out_ch * (channels * 9 + 1)
  const param_count =
    convParams(in_ch) +
    (depth - 1) * convParams(conv_out_ch) +
    fc_hidden * (flat + 1) +
    n_actions * (fc_hidden + 1)
  if (param_count * 4 > LARGEST_FILE_BYTES) {
    throw new ProvemarkError(
      'CONFIG_INVALID',
      `depth ${depth} at ${input_hw}x${input_hw}: ${param_count} parameters are more than the 2 GiB that an ONNX file holds`,
      { hint: 'set a smaller conv_out_ch, fc_hidden or input_hw, or more pools' },
    )
  }
  return { conv: depth, pool, fc: 1, relu: depth + 1, param_count, final_hw, flat }
}

function requirePositive(values: Record<string, number>): void {
  const wrong = Object.entries(values).filter(([, value]) => !Number.isSafeInteger(value) || value < 1)
  if (wrong.length === 0) return
  const given = wrong.map(([name, value]) => `${name} ${value}`).join(', ')
  throw new ProvemarkError('CONFIG_INVALID', `whole numbers of at least 1 are expected, given: ${given}`, {
    hint: 'fix these parameters',
  })
}

/** LeNet-5 for 32x32 RGB images: two 5x5 conv blocks, two hidden fc layers, ten outputs; 62,006 parameters. */
export function generateLenet({ seed }: { seed: number }): OnnxModel {
  const graph = new GraphBuilder(seed)
  const block = { kernel: 5, pad: 0, isPooled: true }
  let value = graph.input('input', [1, 3, 32, 32])
  value = addBlock(graph, value, 1, { ...block, inChannels: 3, outChannels: 6 })
  value = addBlock(graph, value, 2, { ...block, inChannels: 6, outChannels: 16 })
  return graph.build('lenet', [addClassifier(graph, value, 2, [400, 120, 84, 10])])
}

/**
 * A CNN of the depth and breadth tracks: `depth` blocks of conv 3x3 and relu, the first of them with a 2x2
 * max-pool (see `planPools`), then flatten, fc, relu, fc. Input 1 x in_ch x input_hw x input_hw, output
 * 1 x n_actions; the same bytes for the same parameters.
 * @throws ProvemarkError CONFIG_INVALID
 */
export function generateCnn(params: CnnParams & { seed: number }): OnnxModel {
  const { depth, input_hw, in_ch, conv_out_ch, fc_hidden, n_actions, seed } = params
  const { pool, flat } = cnnShape(params)
  const graph = new GraphBuilder(seed)
  const layer = { outChannels: conv_out_ch, kernel: 3, pad: 1 }
  let value = graph.input('input', [1, in_ch, input_hw, input_hw])
  for (let block = 1; block <= depth; block++) {
    const inChannels = block === 1 ? in_ch : conv_out_ch
    value = addBlock(graph, value, block, { ...layer, inChannels, isPooled: block <= pool })
  }
  return graph.build('cnn', [addClassifier(graph, value, depth, [flat, fc_hidden, n_actions])])
}

/** A convolution and its relu; a 2x2 max-pool after them halves the sides, rounding down. */
function addBlock(
  graph: GraphBuilder,
  x: string,
  block: number,
  layer: ConvLayer & { isPooled: boolean },
): string {
  const convolved = graph.conv(`conv${block}`, x, layer)
  const activated = graph.add('Relu', `relu${block}`, [convolved])
  if (!layer.isPooled) return activated
  return graph.add('MaxPool', `pool${block}`, [activated], {
    kernel_shape: [2, 2],
    pads: [0, 0, 0, 0],
    strides: [2, 2],
  })
}

/** Flattens, then fully connected layers between these widths, with a relu after each but the last. */
function addClassifier(graph: GraphBuilder, x: string, blocks: number, widths: readonly number[]): string {
  const layers = widths.length - 1
  let value = graph.add('Flatten', 'flatten', [x], { axis: 1 })
  for (let layer = 1; layer <= layers; layer++) {
    const [inFeatures, outFeatures] = widths.slice(layer - 1) as [number, number]
    const output = layer === layers ? 'output' : undefined
    value = graph.dense(`fc${layer}`, value, { inFeatures, outFeatures, output })
    if (!output) value = graph.add('Relu', `relu${blocks + layer}`, [value])
  }
  return value
}
