import { ProvemarkError } from '../errors.ts'
import { printableName } from '../lib/printable.ts'
import { bytesOf, elementType } from './element-type.ts'
import { listGraphs } from './graphs.ts'
import type { OnnxAttribute, OnnxModel, OnnxTensor } from './onnx.ts'

/** Stored tensors of one kind. */
export interface StoredTensors {
  /** Number of tensors. */
  count: number
  /** Number of values in all tensors. */
  params: number
  /**
   * Size of the values in bytes, sub-byte types packed; strings, whose size is not in the headers, count as nothing.
   */
  bytes: number
}

export interface ParameterCount {
  /** Initializers whose values are in the ONNX file; for sparse ones only the stored values. */
  in_file: StoredTensors
  /** Initializers whose values are in an external file. */
  external: StoredTensors
  /** Constant nodes of a float type: some exporters store weights there. */
  constant_nodes: StoredTensors
  /** Lists and tensors of floats in attributes of ai.onnx.ml operators: coefficients, thresholds, leaves. */
  ml_attributes: StoredTensors
  /** Constant nodes of other types, such as shapes: not parameters. */
  other_constants: StoredTensors
}

const EXTERNAL = 1

/** Whether the values of a tensor are in an external file. */
export function isExternal(tensor: OnnxTensor): boolean {
  return tensor.data_location === EXTERNAL
}

/**
 * Number of values of a shape.
 * @throws ProvemarkError MODEL_UNREADABLE for a negative or absurdly large size, named `what`
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

/** Values stored in a model, its subgraphs and functions, by location. Needs no payloads. */
export function countParameters(model: OnnxModel): ParameterCount {
  const counted: ParameterCount = {
    in_file: none(),
    external: none(),
    constant_nodes: none(),
    ml_attributes: none(),
    other_constants: none(),
  }
  for (const { initializer, sparse_initializer, node } of listGraphs(model)) {
    for (const tensor of [...initializer, ...sparse_initializer.flatMap(({ values }) => values ?? [])])
      addTensor(isExternal(tensor) ? counted.external : counted.in_file, tensor)
    for (const { op_type, domain, attribute } of node) {
      for (const one of attribute) {
        if (domain === 'ai.onnx.ml') addWeights(counted.ml_attributes, one)
        else if (op_type === 'Constant') addConstant(counted, one)
      }
    }
  }
  return counted
}

/** Initializers by element type, most frequent first. */
export function countInitializerTypes(model: OnnxModel): Record<string, number> {
  const counts = new Map<string, number>()
  for (const { initializer, sparse_initializer } of listGraphs(model)) {
    for (const { data_type } of [
      ...initializer,
      ...sparse_initializer.flatMap(({ values }) => values ?? []),
    ]) {
      const { name } = elementType(data_type)
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
  return Object.fromEntries([...counts].toSorted(([, a], [, b]) => b - a))
}

/** All parameters: initializers, external ones included, floats of Constant nodes and of ai.onnx.ml operators. */
export function sumParameters(counted: Omit<ParameterCount, 'other_constants'>): number {
  const { in_file, external, constant_nodes, ml_attributes } = counted
  return in_file.params + external.params + constant_nodes.params + ml_attributes.params
}

function none(): StoredTensors {
  return { count: 0, params: 0, bytes: 0 }
}

const FLOAT = 1
const INT64 = 7
const STRING = 8

function addConstant(
  { constant_nodes, other_constants }: ParameterCount,
  { name, t, sparse_tensor, floats, ints, strings }: OnnxAttribute,
): void {
  const tensor = t ?? sparse_tensor?.values
  if (tensor) addTensor(isFloat(tensor.data_type) ? constant_nodes : other_constants, tensor)
  else if (name === 'value_float') add(constant_nodes, FLOAT, 1)
  else if (name === 'value_floats') add(constant_nodes, FLOAT, floats.length)
  else if (name === 'value_int') add(other_constants, INT64, 1)
  else if (name === 'value_ints') add(other_constants, INT64, ints.length)
  else if (name === 'value_string') add(other_constants, STRING, 1)
  else if (name === 'value_strings') add(other_constants, STRING, strings.length)
}

function addWeights(stored: StoredTensors, { t, tensors, floats }: OnnxAttribute): void {
  if (floats.length) add(stored, FLOAT, floats.length)
  for (const tensor of t ? [t, ...tensors] : tensors) if (isFloat(tensor.data_type)) addTensor(stored, tensor)
}

function isFloat(dataType: number | undefined): boolean {
  return elementType(dataType).kind === 'float'
}

function addTensor(stored: StoredTensors, { name, dims, data_type }: OnnxTensor): void {
  add(stored, data_type, countValues(dims, `tensor ${printableName(name) || 'without a name'}`))
}

function add(stored: StoredTensors, dataType: number | undefined, params: number): void {
  stored.count++
  stored.params += params
  stored.bytes += bytesOf(dataType, params) ?? 0
}
