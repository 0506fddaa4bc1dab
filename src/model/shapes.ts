import { foldConstant } from './constants.ts'
import { isDefaultDomain } from './graphs.ts'
import type { OnnxGraph, OnnxModel, OnnxValueInfo } from './onnx.ts'
import { listInputs } from './ports.ts'
import { constantOf, NodeShapes, type Constant, type Shape } from './node-shapes.ts'
import { SHAPE_RULES } from './shape-rules.ts'
import { planSides, resolveSide, type Dims, type Sides } from './sides.ts'

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
