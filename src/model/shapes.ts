import { elementType } from './element-type.ts'
import { isDefaultDomain, readInt } from './graphs.ts'
import {
  type Constant,
  constantOf,
  constantOfNode,
  fromFront,
  MAX_VALUES,
  NodeShapes,
  type Shape,
  slicedRange,
} from './node-shapes.ts'
import { DATA_TYPE, type OnnxGraph, type OnnxModel, type OnnxNode, type OnnxValueInfo } from './onnx.ts'
import { listInputs, sizeOf } from './ports.ts'
import { SHAPE_RULES } from './shape-rules.ts'
import { type Dims, planSides, resolveSide, type Sides } from './sides.ts'

/**
 * Shapes of a model's values by name, as far as its headers determine them: by the rule of each operator, or else as
 * the file states them. A value that is absent has an unknown shape.
 * @param dims sizes of open sides; an open batch is 1
 */
export function inferShapes(model: OnnxModel, dims: Dims = {}): Map<string, Shape> {
  const shapes = new Map<string, Shape>()
  const constants = new Map<string, Constant>()
  const { graph } = model
  if (!graph) return shapes
  const sides = planSides(listInputs(model), dims)
  const stated = new Map(
    [...graph.input, ...graph.value_info, ...graph.output].flatMap((info) => readStated(info, sides)),
  )
  for (const { name = '' } of graph.input) setIfKnown(shapes, name, stated.get(name))
  readStored(graph, shapes, constants)
  for (const node of graph.node) {
    const at = new NodeShapes(node, shapes, constants)
    const rule = isDefaultDomain(node.domain) ? SHAPE_RULES[node.op_type ?? ''] : undefined
    const made = rule?.(at) ?? []
    for (const [index, name] of node.output.entries())
      setIfKnown(shapes, name, valid(made[index]) ?? stated.get(name))
    const [output = ''] = node.output
    setIfKnown(constants, output, foldConstant(node, at, shapes.get(output)))
  }
  return shapes
}

function setIfKnown<Value>(map: Map<string, Value>, name: string, value: Value | undefined): void {
  if (value !== undefined && name) map.set(name, value)
}

/** A rule given damaged attributes may compute a side that no tensor has. */
function valid(shape: Shape | undefined): Shape | undefined {
  return shape?.every((side) => Number.isSafeInteger(side) && side >= 0) ? shape : undefined
}

function readStated({ name = '', type }: OnnxValueInfo, sides: Sides): [string, Shape][] {
  const dims = type?.tensor_type?.shape?.dim.map(({ dim_value = 0, dim_param }, axis) =>
    dim_value > 0 ? dim_value : resolveSide(sides, { side: dim_param || '?', place: `${name}:${axis}` }),
  )
  return dims?.every((side) => side !== undefined) ? [[name, dims]] : []
}

function readStored(
  { initializer, sparse_initializer }: OnnxGraph,
  shapes: Map<string, Shape>,
  constants: Map<string, Constant>,
): void {
  for (const { values, dims } of sparse_initializer) setIfKnown(shapes, values?.name ?? '', dims)
  for (const tensor of initializer) {
    const { name = '', dims } = tensor
    shapes.set(name, dims)
    setIfKnown(constants, name, constantOf(tensor))
  }
}

/** The value of a node's first output if it follows from shapes and constants alone. */
export function foldConstant(node: OnnxNode, at: NodeShapes, dims: Shape | undefined): Constant | undefined {
  if (!dims || sizeOf(dims) > MAX_VALUES) return undefined
  const { op_type = '' } = node
  if (op_type === 'Constant') return constantOfNode(node)
  const x = at.shape(0)
  if (op_type === 'Shape' && x) {
    const values = x.slice(readInt(node, 'start', 0), readInt(node, 'end', x.length))
    return { dims, values, isInteger: true }
  }
  if (op_type === 'Size' && x) return { dims, values: [sizeOf(x)], isInteger: true }
  if (op_type === 'ConstantOfShape') {
    const fill = node.attribute.find(({ name }) => name === 'value')?.t
    const {
      values: [value = 0],
      isInteger,
    } = (fill && constantOf(fill)) ?? { values: [], isInteger: false }
    return { dims, values: Array.from({ length: sizeOf(dims) }, () => value), isInteger }
  }
  const operands = at.constants()
  if (!operands?.length) return undefined
  const values = compute(node, operands, dims, at)
  if (values?.length !== sizeOf(dims) || values.includes(NaN)) return undefined
  return { dims, values, isInteger: resultIsInteger(node, operands) }
}

function resultIsInteger(node: OnnxNode, operands: readonly Constant[]): boolean {
  if (node.op_type === 'Cast') return elementType(readInt(node, 'to', DATA_TYPE.FLOAT)).kind !== 'float'
  return operands.at(node.op_type === 'Where' ? 1 : 0)!.isInteger
}

const KEEPS_VALUES = new Set(['Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten'])

const ELEMENTWISE: Readonly<Record<string, ((...values: number[]) => number) | undefined>> = {
  Add: (a, b) => a + b!,
  Sub: (a, b) => a - b!,
  Mul: (a, b) => a * b!,
  Div: (a, b) => a / b!,
  Max: Math.max,
  Min: Math.min,
  Equal: (a, b) => Number(a === b),
  Where: (condition, a, b) => (condition ? a! : b!),
  Neg: (a) => -a,
  Floor: Math.floor,
  Ceil: Math.ceil,
}

/** The operators with which exporters compute shapes. */
function compute(
  node: OnnxNode,
  operands: readonly Constant[],
  dims: Shape,
  at: NodeShapes,
): readonly number[] | undefined {
  const { op_type = '' } = node
  const [x, second] = operands as [Constant, Constant | undefined]
  if (KEEPS_VALUES.has(op_type)) return x.values
  if (op_type === 'Cast') return resultIsInteger(node, operands) ? x.values.map(Math.trunc) : x.values
  if (op_type === 'Range')
    return Array.from({ length: sizeOf(dims) }, (_, index) => x.values[0]! + index * operands[2]!.values[0]!)
  const isFlat = operands.every((one) => one.dims.length <= 1)
  if (!isFlat) return undefined
  if (op_type === 'Concat') return operands.flatMap(({ values }) => values)
  if (op_type === 'Gather')
    return second!.values.map((index) => x.values[fromFront(index, x.values.length)] ?? NaN)
  if (op_type === 'ReduceProd') return [x.values.reduce((product, value) => product * value, 1)]
  if (op_type === 'Slice') {
    const [starts, ends, steps] = [at.ints(1, 'starts'), at.ints(2, 'ends'), at.ints(4, 'steps')]
    const step = steps?.[0] ?? 1
    const { begin } = slicedRange(x.values.length, starts?.[0] ?? 0, ends?.[0] ?? 0, step)
    return Array.from({ length: sizeOf(dims) }, (_, index) => x.values[begin + index * step]!)
  }
  const apply = ELEMENTWISE[op_type]
  if (!apply) return undefined
  const isRounded = op_type === 'Div' && x.isInteger
  return Array.from({ length: sizeOf(dims) }, (_, index) => {
    const value = apply(...operands.map(({ values }) => values[values.length === 1 ? 0 : index]!))
    return isRounded ? Math.trunc(value) : value
  })
}
