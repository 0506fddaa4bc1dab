import { printableName } from '../lib/text.ts'
import { bytesOf, elementType } from './element-type.ts'
import { checkExternal } from './external.ts'
import { readHeaders } from './file.ts'
import { checkGraphs } from './check-graphs.ts'
import { isDefaultDomain, listGraphs, listNodes, nameOperator, type GraphPart } from './graphs.ts'
import { DATA_TYPE, type OnnxAttribute, type OnnxModel, type OnnxTensor } from './onnx.ts'
import { listInputs, listOutputs, type OpenPort } from './ports.ts'
import { applySides, type Dims, planSides, refuseUnused } from './sides.ts'
import { countValues, isExternal } from './tensor.ts'

/** Summary of a model file; the keys are those of `provemark inspect --json`. */
export interface ModelSummary {
  /** Parameters: initializers, external ones included, floats of Constant nodes and of ai.onnx.ml operators. */
  param_count: number
  /** Version of the default operator set; 0 if the file names none. */
  opset: number
  ir_version: number
  producer: string
  /** Nodes, including those of subgraphs and local functions. */
  nodes: number
  /** Nodes by type, most frequent first; `domain::Type` outside of the default operator set. */
  operators: Record<string, number>
  inputs: OpenPort[]
  outputs: OpenPort[]
  /** Size of the ONNX file, without external data. */
  bytes: number
  initializers: ParameterCount
  /** Initializers by element type, most frequent first. */
  initializer_types: Record<string, number>
  /** What prevents provers or onnxruntime from reading it, one sentence each. */
  warnings: string[]
}

/**
 * Summarizes an ONNX file from its headers. Payloads are neither read nor checked, so the time does not depend on
 * them.
 * @param dims values for sides that the file leaves open
 * @throws ProvemarkError MODEL_UNREADABLE, CONFIG_INVALID
 */
export async function summarizeModel(path: string, dims: Dims = {}): Promise<ModelSummary> {
  const { model, bytes } = readHeaders(path)
  if (Object.keys(dims).length) fixSides(model, path, dims)
  const warnings = [...checkExternal(model, path), ...checkGraphs(model)]
  return { ...describeModel(model), bytes, warnings }
}

/** Open sides given by the user; the batch stays open unless it was given. */
function fixSides(model: OnnxModel, path: string, dims: Dims): void {
  refuseUnused(dims, [{ path, model }])
  applySides(model, planSides(listInputs(model), dims, 'given'))
}

/** The summary of a model in memory, without what only its file can provide. */
export function describeModel(model: OnnxModel): Omit<ModelSummary, 'bytes' | 'warnings'> {
  const initializers = countParameters(model)
  const operators = tally(listNodes(model).map(nameOperator).toSorted())
  const types = listGraphs(model)
    .flatMap(listStored)
    .map(({ data_type }) => elementType(data_type).name)
  return {
    param_count: sumParameters(initializers),
    opset: findOpset(model),
    ir_version: model.ir_version ?? 0,
    producer: [model.producer_name, model.producer_version].filter(Boolean).join(' '),
    nodes: operators.reduce((sum, [, count]) => sum + count, 0),
    operators: Object.fromEntries(operators),
    inputs: listInputs(model),
    outputs: listOutputs(model),
    initializers,
    initializer_types: Object.fromEntries(tally(types)),
  }
}

/** Version of the default operator set. */
function findOpset({ opset_import }: OnnxModel): number {
  return opset_import.find(({ domain }) => isDefaultDomain(domain))?.version ?? 0
}

/** How often each name occurs, most frequent first. */
function tally(names: readonly string[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].toSorted(([, m], [, n]) => n - m)
}

/** Stored tensors of one kind. */
export interface StoredTensors {
  /** Number of tensors. */
  count: number
  /** Number of values in all tensors. */
  params: number
  /** Size of the values in bytes, sub-byte types packed; strings, whose size is not in the headers, count as 0. */
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

/** Values stored in a model, its subgraphs and functions, by location. Needs no payloads. */
export function countParameters(model: OnnxModel): ParameterCount {
  const counted: ParameterCount = {
    in_file: none(),
    external: none(),
    constant_nodes: none(),
    ml_attributes: none(),
    other_constants: none(),
  }
  for (const graph of listGraphs(model)) {
    for (const tensor of listStored(graph))
      addTensor(isExternal(tensor) ? counted.external : counted.in_file, tensor)
    for (const node of graph.node) {
      for (const one of node.attribute) {
        if (node.domain === 'ai.onnx.ml') addWeights(counted.ml_attributes, one)
        else if (nameOperator(node) === 'Constant') addConstant(counted, one)
      }
    }
  }
  return counted
}

/** Initializers of a graph; of sparse ones the tensors with their values. */
function listStored({ initializer, sparse_initializer }: GraphPart): OnnxTensor[] {
  return [...initializer, ...sparse_initializer.flatMap(({ values }) => values ?? [])]
}

/** All parameters: initializers, external ones included, floats of Constant nodes and of ai.onnx.ml operators. */
export function sumParameters(counted: Omit<ParameterCount, 'other_constants'>): number {
  const { in_file, external, constant_nodes, ml_attributes } = counted
  return in_file.params + external.params + constant_nodes.params + ml_attributes.params
}

function none(): StoredTensors {
  return { count: 0, params: 0, bytes: 0 }
}

const { FLOAT, INT64, STRING } = DATA_TYPE

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
