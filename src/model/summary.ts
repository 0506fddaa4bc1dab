import { checkExternal } from './external.ts'
import { readHeaders } from './file.ts'
import { checkGraphs, isDefaultDomain, listNodes, nameOperator } from './graphs.ts'
import type { OnnxModel } from './onnx.ts'
import { countInitializerTypes, countParameters, sumParameters, type ParameterCount } from './parameters.ts'
import { listInputs, listOutputs, type OpenPort } from './ports.ts'
import { applySides, planSides, refuseUnused, type Dims } from './sides.ts'

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
  const operators = countOperators(model)
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
    initializer_types: countInitializerTypes(model),
  }
}

/** Version of the default operator set. */
function findOpset({ opset_import }: OnnxModel): number {
  return opset_import.find(({ domain }) => isDefaultDomain(domain))?.version ?? 0
}

function countOperators(model: OnnxModel): [string, number][] {
  const counts = new Map<string, number>()
  for (const node of listNodes(model)) {
    const name = nameOperator(node)
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
}
