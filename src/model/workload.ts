import { readInt, readInts, readText } from './graphs.ts'
import type { OnnxModel, OnnxNode } from './onnx.ts'
import { sumParameters, countParameters } from './parameters.ts'
import { fixInputs, listOutputs, type Port } from './ports.ts'
import { sizeOf } from './shapes.ts'
import type { Dims } from './sides.ts'

/** What a prover's rule can know about a model before anything runs. */
export interface Workload {
  param_count: number
  /** Multiplications in convolutions; undefined if a shape cannot be determined from the file's headers alone. */
  convMultiplications: number | undefined
  /** Multiplications in fully connected layers. */
  denseMultiplications: number | undefined
  /** Output values of convolutions and fully connected layers. */
  layerOutputs: number | undefined
  /** Number of convolutions and fully connected layers. */
  layers: number
  inputs: number
  outputs: number
}

type Counted = Pick<Workload, 'convMultiplications' | 'denseMultiplications' | 'layerOutputs'>

const LAYERS = new Set(['Conv', 'Gemm', 'MatMul'])

/** Counts the work of a model from its headers; payloads are not needed. */
export function measureWorkload(model: OnnxModel, dims?: Dims): Workload {
  const nodes = model.graph?.node ?? []
  const inputs = fixInputs(model, undefined, dims)
  return {
    param_count: sumParameters(countParameters(model)),
    ...countWork(model, nodes, inputs),
    layers: nodes.filter(({ op_type = '' }) => LAYERS.has(op_type)).length,
    inputs: sum(inputs.map(({ shape }) => sizeOf(shape))),
    outputs: sum(
      listOutputs(model).map(({ shape }) => sizeOf((shape ?? []).map((side) => Number(side) || 1))),
    ),
  }
}

function countWork(model: OnnxModel, nodes: readonly OnnxNode[], inputs: readonly Port[]): Counted {
  const shapes = new Map<string, readonly number[]>(
    (model.graph?.initializer ?? []).map(({ name = '', dims }) => [name, dims]),
  )
  for (const { name, shape } of inputs) shapes.set(name, shape)
  const counted = { convMultiplications: 0, denseMultiplications: 0, layerOutputs: 0 }
  for (const node of nodes) {
    const [x, w] = [shapes.get(node.input[0] ?? ''), shapes.get(node.input[1] ?? '')]
    const out = shapeBehind(node, x, w)
    if (!out) {
      if (node.op_type === 'Constant') continue
      return { convMultiplications: undefined, denseMultiplications: undefined, layerOutputs: undefined }
    }
    const size = sizeOf(out)
    if (node.op_type === 'Conv') counted.convMultiplications += size * sizeOf(w!.slice(1))
    else if (LAYERS.has(node.op_type!)) counted.denseMultiplications += size * innerSide(node, w!)
    if (LAYERS.has(node.op_type!)) counted.layerOutputs += size
    shapes.set(node.output[0] ?? '', out)
  }
  return counted
}

/** Shape of a node's output. A reshape's target may be in a payload: then its values count as one row. */
function shapeBehind(
  node: OnnxNode,
  x: readonly number[] | undefined,
  w: readonly number[] | undefined,
): readonly number[] | undefined {
  if (!x) return undefined
  switch (node.op_type) {
    case 'Conv':
      return w && x.length === w.length ? [x[0]!, w[0]!, ...slide(node, x.slice(2), w.slice(2))] : undefined
    case 'MaxPool':
    case 'AveragePool':
      return [x[0]!, x[1]!, ...slide(node, x.slice(2), readInts(node, 'kernel_shape', []))]
    case 'GlobalAveragePool':
      return [...x.slice(0, 2), ...x.slice(2).map(() => 1)]
    case 'Gemm':
    case 'MatMul':
      return w?.length === 2 ? [sizeOf(x) / innerSide(node, w), sizeOf(w) / innerSide(node, w)] : undefined
    case 'Flatten':
    case 'Reshape':
      return [1, sizeOf(x)]
    default:
      return x
  }
}

function innerSide(node: OnnxNode, w: readonly number[]): number {
  return w[readInt(node, 'transB', 0) === 0 ? 0 : 1]!
}

/** Sides after a window: with explicit or computed pads (`auto_pad`), and for a pool with a partial last window. */
function slide(node: OnnxNode, sides: readonly number[], kernel: readonly number[]): number[] {
  const strides = readInts(node, 'strides', [])
  const pads = readInts(node, 'pads', [])
  const dilations = readInts(node, 'dilations', [])
  const autoPad = readText(node, 'auto_pad', 'NOTSET')
  const isCeil = node.op_type !== 'Conv' && readInt(node, 'ceil_mode', 0) === 1
  return sides.map((side, axis) => {
    const stride = strides[axis] ?? 1
    if (autoPad.startsWith('SAME')) return Math.ceil(side / stride)
    const [before = 0, after = 0] = autoPad === 'VALID' ? [] : [pads[axis], pads[axis + sides.length]]
    const reach = ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1
    const steps = (side + before + after - reach) / stride
    const whole = (isCeil ? Math.ceil(steps) : Math.floor(steps)) + 1
    // A window that would start after the values, in the padding, is left out.
    const isBehind = isCeil && (whole - 1) * stride >= side + before
    return Math.max(1, isBehind ? whole - 1 : whole)
  })
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
