import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxAttribute } from './onnx.ts'

/** A graph, or the nodes of a function, which has no initializers. */
export type GraphPart = Pick<OnnxGraph, 'node' | 'initializer' | 'sparse_initializer'>

/** The main graph, the functions, and every graph inside an attribute, in file order. */
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

/**
 * Values of a node's attributes, or the operator's default if the attribute is missing. An attribute without a value
 * is 0, or empty: proto3 writers leave out a zero.
 */

export function readInt(node: OnnxNode, name: string, fallback: number): number {
  return read(node, name, fallback, ({ i = 0 }) => i)
}

export function readInts(node: OnnxNode, name: string, fallback: readonly number[]): readonly number[] {
  return read(node, name, fallback, ({ ints }) => ints)
}

export function readText(node: OnnxNode, name: string, fallback: string): string {
  return read(node, name, fallback, ({ s }) => Buffer.from(s ?? []).toString())
}

function read<Value>(
  { attribute }: OnnxNode,
  name: string,
  fallback: Value,
  valueOf: (attribute: OnnxAttribute) => Value,
): Value {
  const found = attribute.find((candidate) => candidate.name === name)
  return found === undefined ? fallback : valueOf(found)
}

/** The default operator set has two names. */
export function isDefaultDomain(domain: string | undefined): boolean {
  return domain === undefined || domain === '' || domain === 'ai.onnx'
}

/** Name of a node's operator, with its domain if that is not the default one. */
export function nameOperator({ domain, op_type = '?' }: OnnxNode): string {
  return isDefaultDomain(domain) ? op_type : `${domain}::${op_type}`
}

/** Values that a node reads, including outer values that its subgraphs use. */
export function readsOf({ input, attribute }: OnnxNode): string[] {
  const graphs = attribute.flatMap((one) => (one.g ? [one.g, ...one.graphs] : one.graphs))
  return [...input, ...graphs.flatMap(readFromOutside)]
}

function readFromOutside({ node, input, initializer, output }: OnnxGraph): string[] {
  const named = [...input, ...initializer].map(({ name }) => name)
  const own = new Set([...named, ...node.flatMap((one) => one.output)])
  const names = [...node.flatMap(readsOf), ...output.map(({ name = '' }) => name)]
  return names.filter((name) => !own.has(name))
}
