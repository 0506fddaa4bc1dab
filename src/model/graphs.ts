import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from './onnx.ts'

/** A graph, or the nodes of a function, which has no initializers. */
export type GraphPart = Pick<OnnxGraph, 'node' | 'initializer' | 'sparse_initializer'>

/** The main graph, the functions, and every graph inside an attribute, in the file's order. */
export function listGraphs({ graph, functions }: OnnxModel): GraphPart[] {
  const found: GraphPart[] = []
  const visit = (part: GraphPart): void => {
    found.push(part)
    for (const { attribute } of part.node)
      for (const { g, graphs } of attribute) for (const inner of g ? [g, ...graphs] : graphs) visit(inner)
  }
  if (graph) visit(graph)
  for (const { node } of functions) visit({ node, initializer: [], sparse_initializer: [] })
  return found
}

/** Nodes of all graphs. */
export function listNodes(model: OnnxModel): OnnxNode[] {
  return listGraphs(model).flatMap(({ node }) => node)
}

/** Every tensor of all graphs: initializers and attributes, sparse ones as their values and indices. */
export function listTensors(model: OnnxModel): OnnxTensor[] {
  return listGraphs(model).flatMap(({ initializer, sparse_initializer, node }) => {
    const attributes = node.flatMap(({ attribute }) => attribute)
    const sparse = [
      ...sparse_initializer,
      ...attributes.flatMap(({ sparse_tensor: one, sparse_tensors: many }) => (one ? [one, ...many] : many)),
    ]
    return [
      ...initializer,
      ...attributes.flatMap(({ t, tensors }) => (t ? [t, ...tensors] : tensors)),
      ...sparse.flatMap(({ values, indices }) => [values, indices].filter((tensor) => tensor !== undefined)),
    ]
  })
}
