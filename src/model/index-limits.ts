import { readInt, listGraphs } from './graphs.ts'
import { elementType } from './element-type.ts'
import type { OnnxModel, OnnxNode } from './onnx.ts'
import { isDefaultDomain } from './summary.ts'

/** Operators that look values up, with the input that holds the indices. */
const LOOKUPS = new Map([
  ['Gather', 1],
  ['GatherElements', 1],
  ['GatherND', 1],
  ['ScatterElements', 1],
  ['ScatterND', 1],
])

/**
 * By input of a model, the number of rows of the smallest table that its values index: they must be below it. An
 * input that indexes nothing is absent; if a table's size is not known, its limit is 1.
 */
export function findIndexLimits(model: OnnxModel): Map<string, number> {
  const readers = new Map<string, { node: OnnxNode; at: number }[]>()
  for (const { node: nodes } of listGraphs(model))
    for (const node of nodes)
      for (const [at, name] of node.input.entries())
        readers.set(name, [...(readers.get(name) ?? []), { node, at }])
  const shapes = listShapes(model)
  const limits = new Map<string, number>()
  for (const { name = '' } of model.graph?.input ?? []) {
    const limit = smallestTable(name, readers, shapes)
    if (limit !== undefined) limits.set(name, limit)
  }
  return limits
}

/** Follows a value through the nodes that pass it on, to every node that uses it as an index. */
function smallestTable(
  start: string,
  readers: ReadonlyMap<string, readonly { node: OnnxNode; at: number }[]>,
  shapes: ReadonlyMap<string, readonly number[]>,
): number | undefined {
  const seen = new Set([start])
  let limit: number | undefined
  for (const name of seen) {
    for (const { node, at } of readers.get(name) ?? []) {
      if (isDefaultDomain(node.domain) && LOOKUPS.get(node.op_type ?? '') === at)
        limit = Math.min(limit ?? Infinity, rowsOf(node, shapes.get(node.input[0] ?? '')))
      else if (!makesFloats(node)) for (const output of node.output) seen.add(output)
    }
  }
  return limit
}

function rowsOf(node: OnnxNode, table: readonly number[] | undefined): number {
  if (!table?.length) return 1
  if (node.op_type === 'GatherND' || node.op_type === 'ScatterND') return Math.max(1, Math.min(...table))
  return Math.max(1, table.at(readInt(node, 'axis', 0)) ?? 1)
}

const FIRST_TYPE = 1

/** Floats index nothing. */
function makesFloats(node: OnnxNode): boolean {
  return node.op_type === 'Cast' && elementType(readInt(node, 'to', FIRST_TYPE)).kind === 'float'
}

/** Shapes of stored tensors and of values whose shape is in the file. */
function listShapes(model: OnnxModel): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>()
  const { graph } = model
  for (const { name = '', type } of [...(graph?.input ?? []), ...(graph?.value_info ?? [])]) {
    const sides = type?.tensor_type?.shape?.dim.map(({ dim_value = 0 }) => dim_value)
    if (sides) shapes.set(name, sides)
  }
  for (const { initializer, node } of listGraphs(model)) {
    for (const { name = '', dims } of initializer) shapes.set(name, dims)
    for (const { op_type, attribute, output } of node) {
      const value = op_type === 'Constant' ? attribute.find(({ name }) => name === 'value')?.t : undefined
      if (value) shapes.set(output[0] ?? '', value.dims)
    }
  }
  return shapes
}
