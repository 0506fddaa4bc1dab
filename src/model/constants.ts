import { DATA_TYPE } from './build.ts'
import { elementType } from './element-type.ts'
import { readInt } from './graphs.ts'
import {
  constantOf,
  constantOfNode,
  fromFront,
  MAX_VALUES,
  slicedRange,
  type Constant,
  type NodeShapes,
  type Shape,
} from './node-shapes.ts'
import type { OnnxNode } from './onnx.ts'
import { sizeOf } from './ports.ts'

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
