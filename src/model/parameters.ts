import { ProvemarkError } from '../errors.ts'
import { DATA_TYPE } from './build.ts'
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from './onnx.ts'

/** Stored tensors of one kind; `bytes` is the size of their values, 0 for types of unknown width. */
export interface StoredTensors {
  count: number
  params: number
  bytes: number
}

export interface ParameterCount {
  /** Initializers whose values stand in the ONNX file. */
  in_file: StoredTensors
  /** Initializers whose values stand in a file beside it. */
  external: StoredTensors
  /** Values that Constant nodes hold: some exporters keep weights there. */
  constant_nodes: StoredTensors
}

const WIDTHS = new Map<number, number>([
  [DATA_TYPE.FLOAT, 4],
  [DATA_TYPE.UINT8, 1],
  [DATA_TYPE.INT8, 1],
  [4, 2],
  [5, 2],
  [DATA_TYPE.INT32, 4],
  [DATA_TYPE.INT64, 8],
  [DATA_TYPE.BOOL, 1],
  [10, 2],
  [DATA_TYPE.DOUBLE, 8],
  [12, 4],
  [13, 8],
  [14, 8],
  [15, 16],
  [16, 2],
])

/** Bytes of one value of a TensorProto.DataType; 0 where that is no whole or no fixed number. */
export function widthOf(dataType: number | undefined): number {
  return WIDTHS.get(dataType ?? 0) ?? 0
}

const EXTERNAL = 1

/** Whether the values of a tensor stand in a file of their own. */
export function isExternal(tensor: OnnxTensor): boolean {
  return tensor.data_location === EXTERNAL
}

/**
 * Number of values of a shape.
 * @throws ProvemarkError MODEL_UNREADABLE for a negative or an absurd size, named `what`
 */
export function countValues(dims: readonly number[], what: string): number {
  let count = 1
  for (const dim of dims) count *= dim
  if (dims.some((dim) => dim < 0) || !Number.isSafeInteger(count)) {
    throw new ProvemarkError('MODEL_UNREADABLE', `${what} has the impossible shape [${dims.join(', ')}]`, {
      hint: 'export the model again; python -m onnx.checker FILE tells more',
    })
  }
  return count
}

/** Values stored in a model and in its subgraphs, by where they stand. Needs no payloads. */
export function countParameters(model: OnnxModel): ParameterCount {
  const counted: ParameterCount = { in_file: none(), external: none(), constant_nodes: none() }
  if (model.graph) countGraph(model.graph, counted)
  for (const { node } of model.functions) countNodes(node, counted)
  return counted
}

/** All stored values: initializers, external ones included, and Constant nodes. */
export function sumParameters({ in_file, external, constant_nodes }: ParameterCount): number {
  return in_file.params + external.params + constant_nodes.params
}

function none(): StoredTensors {
  return { count: 0, params: 0, bytes: 0 }
}

function countGraph(graph: OnnxGraph, counted: ParameterCount): void {
  for (const tensor of graph.initializer)
    addTensor(isExternal(tensor) ? counted.external : counted.in_file, tensor)
  for (const { values } of graph.sparse_initializer) if (values) addTensor(counted.in_file, values)
  countNodes(graph.node, counted)
}

function countNodes(nodes: readonly OnnxNode[], counted: ParameterCount): void {
  for (const node of nodes) {
    for (const attribute of node.attribute) {
      if (node.op_type === 'Constant') addConstant(counted.constant_nodes, attribute)
      for (const graph of attribute.g ? [attribute.g, ...attribute.graphs] : attribute.graphs) {
        countGraph(graph, counted)
      }
    }
  }
}

function addConstant(stored: StoredTensors, { name, t, sparse_tensor, floats, ints }: OnnxAttribute): void {
  const tensor = t ?? sparse_tensor?.values
  if (tensor) addTensor(stored, tensor)
  else if (name === 'value_float') add(stored, 1, 4)
  else if (name === 'value_int') add(stored, 1, 8)
  else if (name === 'value_floats') add(stored, floats.length, 4)
  else if (name === 'value_ints') add(stored, ints.length, 8)
}

function addTensor(stored: StoredTensors, { name, dims, data_type }: OnnxTensor): void {
  add(stored, countValues(dims, `tensor ${name || 'without a name'}`), widthOf(data_type))
}

function add(stored: StoredTensors, params: number, width: number): void {
  stored.count++
  stored.params += params
  stored.bytes += params * width
}
