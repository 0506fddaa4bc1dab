import { printableName } from '../lib/text.ts'
import { nameOperator, readInt, readsOf } from './graphs.ts'
import type { OnnxModel, OnnxNode } from './onnx.ts'
import { sumParameters, countParameters } from './summary.ts'
import { fixInputs, listInputs, listOutputs, sizeOf } from './ports.ts'
import { inferShapes } from './shapes.ts'
import type { Shape } from './node-shapes.ts'
import type { Dims } from './sides.ts'

/** What a prover's rules can know about a model before anything runs. */
export interface Workload {
  param_count: number
  /** Multiplications in convolutions; undefined if a shape cannot be determined from the file's headers alone. */
  convMultiplications: number | undefined
  /** Multiplications in fully connected layers and other matrix products. */
  denseMultiplications: number | undefined
  /** Output values of convolutions and matrix products. */
  layerOutputs: number | undefined
  /**
   * Output values of functions (Sigmoid, Softmax, LayerNormalization, …), comparisons and products of two activations.
   * Linear operators, Relu and max-pools, which provers merge with the preceding layer, do not count. A Gelu or a
   * LayerNormalization that is written out in simpler operators counts once.
   */
  functionOutputs: number | undefined
  /** Number of convolutions and matrix products. */
  layers: number
  inputs: number
  outputs: number
  /** The first node whose output has an unknown shape, with its operator; absent if all are known. */
  unknown?: string
}

type Counted = Pick<
  Workload,
  'convMultiplications' | 'denseMultiplications' | 'layerOutputs' | 'functionOutputs' | 'unknown'
>

const CONVOLUTIONS = new Set(['Conv', 'ConvTranspose'])
const PRODUCTS = new Set(['Gemm', 'MatMul'])

/** Operators whose outputs follow from shapes alone, whatever the values. */
const OF_SHAPES = new Set(['Shape', 'Size', 'ConstantOfShape'])

/** Operators that move values, are linear, or are merged with the preceding layer. */
const FREE = new Set(
  'Add AveragePool BatchNormalization Cast Concat DepthToSpace Dropout Expand Flatten Gather GatherElements GatherND GlobalAveragePool Identity MaxPool Mean Neg Pad ReduceMean ReduceSum Relu Reshape Slice SpaceToDepth Split Squeeze Sub Sum Tile Transpose Unsqueeze'.split(
    ' ',
  ),
)

/** Counts the work of a model from its headers; payloads are not needed. */
export function measureWorkload(model: OnnxModel, dims?: Dims): Workload {
  const nodes = model.graph?.node ?? []
  const shapes = inferShapes(model, dims)
  return {
    param_count: sumParameters(countParameters(model)),
    ...countWork(model, shapes),
    layers: nodes.filter(isLayer).length,
    inputs: sum(fixInputs(model, undefined, dims).map(({ shape }) => sizeOf(shape))),
    outputs: sum(
      listOutputs(model).map(({ name, shape }) =>
        sizeOf(shapes.get(name) ?? (shape ?? []).map((side) => Number(side) || 1)),
      ),
    ),
  }
}

const isLayer = (node: OnnxNode) => isConvolution(node) || PRODUCTS.has(nameOperator(node))
const isConvolution = (node: OnnxNode) => CONVOLUTIONS.has(nameOperator(node))

/** Operators that are linear if all operands but one are constant. */
const FREE_BY_CONSTANT = new Set(['Div', 'Mul', 'Where'])

function isFree(node: OnnxNode, depends: ReadonlySet<string>): boolean {
  const operator = nameOperator(node)
  if (!FREE_BY_CONSTANT.has(operator)) return FREE.has(operator)
  const [first, second] = node.input.map((name) => depends.has(name))
  // A condition or a divisor that depends on the input is enough.
  return operator === 'Mul' ? !(first && second) : operator === 'Div' ? !second : !first
}

function countWork(model: OnnxModel, shapes: ReadonlyMap<string, Shape>): Counted {
  const depends = findDependent(model)
  const parts = findParts(model, depends)
  const counted = { convMultiplications: 0, denseMultiplications: 0, layerOutputs: 0, functionOutputs: 0 }
  for (const node of model.graph?.node ?? []) {
    const output = node.output[0] ?? ''
    if (!depends.has(output)) continue
    const out = shapes.get(output)
    if (!out) return { ...UNKNOWN, unknown: describeNode(node) }
    const size = sizeOf(out)
    if (!isLayer(node)) {
      if (!isFree(node, depends) && !parts.has(node)) counted.functionOutputs += size
      continue
    }
    const [x, w] = [shapes.get(node.input[0] ?? ''), shapes.get(node.input[1] ?? '')]
    if (!x || !w) return { ...UNKNOWN, unknown: describeNode(node) }
    if (isConvolution(node))
      counted.convMultiplications += (node.op_type === 'Conv' ? size : sizeOf(x)) * sizeOf(w.slice(1))
    else counted.denseMultiplications += size * innerSide(node, x)
    counted.layerOutputs += size
  }
  return counted
}

/**
 * The products of a Gelu and the squares of a normalisation that are written out: the values of the Erf or Tanh, and
 * those of the quotient, already count.
 */
function findParts(model: OnnxModel, depends: ReadonlySet<string>): Set<OnnxNode> {
  const nodes = model.graph?.node ?? []
  /** By value: the node that it comes from, behind linear operators. */
  const origins = new Map<string, OnnxNode | undefined>()
  for (const node of nodes) {
    const own = isFree(node, depends) ? origins.get(node.input.find((name) => depends.has(name)) ?? '') : node
    for (const name of node.output) origins.set(name, own)
  }
  const operatorOf = (node: OnnxNode | undefined) => (node ? nameOperator(node) : '')
  return new Set(
    nodes.flatMap((node) => {
      const [first, second] = node.input.map((name) => origins.get(name))
      if (operatorOf(node) === 'Mul')
        return [first, second].some((one) => ['Erf', 'Tanh'].includes(operatorOf(one))) ? [node] : []
      if (operatorOf(node) !== 'Div' || !second || operatorOf(second) !== 'Sqrt') return []
      const square = origins.get(second.input[0] ?? '')
      return square && ['Pow', 'Mul'].includes(operatorOf(square)) ? [square] : []
    }),
  )
}

const UNKNOWN = {
  convMultiplications: undefined,
  denseMultiplications: undefined,
  layerOutputs: undefined,
  functionOutputs: undefined,
}

function describeNode(node: OnnxNode): string {
  return `${printableName(node.name || node.output[0])} (${printableName(nameOperator(node))})`
}

/** Names of the values that depend on an input's values; the others follow from shapes and constants. */
function findDependent(model: OnnxModel): Set<string> {
  const depends = new Set(listInputs(model).map(({ name }) => name))
  // In a file, each node comes after those that it reads.
  for (const node of model.graph?.node ?? [])
    if (!OF_SHAPES.has(nameOperator(node)) && readsOf(node).some((name) => depends.has(name)))
      for (const name of node.output) depends.add(name)
  return depends
}

/** The side over which a product sums. */
function innerSide(node: OnnxNode, x: Shape): number {
  return node.op_type === 'Gemm' && readInt(node, 'transA', 0) ? x[0]! : x.at(-1)!
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
