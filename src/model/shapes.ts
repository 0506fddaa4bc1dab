import { elementType } from './element-type.ts'
import { nameOperator, readInt } from './graphs.ts'
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
import { describePort, listInputs, sizeOf } from './ports.ts'
import { SHAPE_RULES } from './shape-rules.ts'
import { type Dims, fixSides, planSides, type Sides } from './sides.ts'

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
    const made = unlessDamaged(() => SHAPE_RULES.get(nameOperator(node))?.(at)) ?? []
    for (const [index, name] of node.output.entries())
      setIfKnown(shapes, name, valid(made[index]) ?? stated.get(name))
    const [output = ''] = node.output
    const constant = unlessDamaged(() => foldConstant(at, shapes.get(output)))
    setIfKnown(constants, output, constant)
  }
  return shapes
}

function setIfKnown<Value>(map: Map<string, Value>, name: string, value: Value | undefined): void {
  if (value !== undefined && name) map.set(name, value)
}

/** What follows from a node; undefined if it lacks operands or attributes that its operator needs. */
function unlessDamaged<Result>(follow: () => Result): Result | undefined {
  try {
    return follow()
  } catch {
    return undefined
  }
}

/** A rule given damaged attributes may compute a side that no tensor has. */
function valid(shape: Shape | undefined): Shape | undefined {
  return shape?.every((side) => Number.isSafeInteger(side) && side >= 0) ? shape : undefined
}

function readStated(info: OnnxValueInfo, sides: Sides): [string, Shape][] {
  const port = describePort(info)
  const shape = fixSides(port, sides)
  return shape?.every((side) => side !== undefined) ? [[port.name, shape]] : []
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
function foldConstant(at: NodeShapes, dims: Shape | undefined): Constant | undefined {
  if (!dims || sizeOf(dims) > MAX_VALUES) return undefined
  const { node } = at
  const operator = nameOperator(node)
  if (operator === 'Constant') return constantOfNode(node)
  const x = at.shape(0)
  if (operator === 'Shape' && x) {
    const values = x.slice(readInt(node, 'start', 0), readInt(node, 'end', x.length))
    return { dims, values, isInteger: true }
  }
  if (operator === 'Size' && x) return { dims, values: [sizeOf(x)], isInteger: true }
  if (operator === 'ConstantOfShape') {
    const fill = node.attribute.find(({ name }) => name === 'value')?.t
    const {
      values: [value = 0],
      isInteger,
    } = (fill && constantOf(fill)) ?? { values: [], isInteger: false }
    return { dims, values: Array.from({ length: sizeOf(dims) }, () => value), isInteger }
  }
  const operands = at.constants()
  if (!operands?.length) return undefined
  const values = compute(at, operands, dims)
  if (values?.length !== sizeOf(dims) || values.includes(NaN)) return undefined
  return { dims, values, isInteger: resultIsInteger(node, operands) }
}

function resultIsInteger(node: OnnxNode, operands: readonly Constant[]): boolean {
  if (node.op_type === 'Cast') return elementType(readInt(node, 'to', DATA_TYPE.FLOAT)).kind !== 'float'
  return operands.at(node.op_type === 'Where' ? 1 : 0)!.isInteger
}

const KEEPS_VALUES = new Set(['Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten'])

type Elementwise = (...values: [number, number, number]) => number

const ELEMENTWISE: ReadonlyMap<string, Elementwise> = new Map([
  ['Add', (a, b) => a + b],
  ['Sub', (a, b) => a - b],
  ['Mul', (a, b) => a * b],
  ['Div', (a, b) => a / b],
  ['Max', Math.max],
  ['Min', Math.min],
  ['Equal', (a, b) => Number(a === b)],
  ['Where', (condition, a, b) => (condition ? a : b)],
  ['Neg', (a) => -a],
  ['Floor', Math.floor],
  ['Ceil', Math.ceil],
] satisfies [string, Elementwise][])

/** The operators with which exporters compute shapes. */
function compute(at: NodeShapes, operands: readonly Constant[], dims: Shape): readonly number[] | undefined {
  const operator = nameOperator(at.node)
  const [x, second] = operands as [Constant, Constant | undefined]
  if (KEEPS_VALUES.has(operator)) return x.values
  if (operator === 'Cast') return resultIsInteger(at.node, operands) ? x.values.map(Math.trunc) : x.values
  if (operator === 'Range')
    return Array.from({ length: sizeOf(dims) }, (_, index) => x.values[0]! + index * operands[2]!.values[0]!)
  const isFlat = operands.every((one) => one.dims.length <= 1)
  if (!isFlat) return undefined
  if (operator === 'Concat') return operands.flatMap(({ values }) => values)
  if (operator === 'Gather')
    return second!.values.map((index) => x.values[fromFront(index, x.values.length)] ?? NaN)
  if (operator === 'ReduceProd') return [x.values.reduce((product, value) => product * value, 1)]
  if (operator === 'Slice') {
    const [starts, ends, steps] = [at.ints(1, 'starts'), at.ints(2, 'ends'), at.ints(4, 'steps')]
    const step = steps?.[0] ?? 1
    const { begin } = slicedRange(x.values.length, starts?.[0] ?? 0, ends?.[0] ?? 0, step)
    return Array.from({ length: sizeOf(dims) }, (_, index) => x.values[begin + index * step]!)
  }
  const apply = ELEMENTWISE.get(operator)
  if (!apply) return undefined
  const isRounded = operator === 'Div' && x.isInteger
  return Array.from({ length: sizeOf(dims) }, (_, index) => {
    const value = apply(
      ...(operands.map(({ values }) => values[values.length === 1 ? 0 : index]) as [number, number, number]),
    )
    return isRounded ? Math.trunc(value) : value
  })
}
