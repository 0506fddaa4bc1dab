import { readHeaders } from './file.ts'
import type { OnnxGraph, OnnxModel, OnnxNode } from './onnx.ts'
import { countParameters, sumParameters, type ParameterCount } from './parameters.ts'
import { listInputs, listOutputs, type OpenPort } from './ports.ts'

/** What a model file holds; the keys are those of `provemark inspect --json`. */
export interface ModelSummary {
  /** Values stored in the model: initializers, external ones included, and Constant nodes. */
  param_count: number
  /** Version of the default operator set; 0 where the file names none. */
  opset: number
  ir_version: number
  producer: string
  /** Nodes, those of subgraphs and local functions included. */
  nodes: number
  /** Nodes by type, most frequent first; `domain::Type` outside of the default operator set. */
  operators: Record<string, number>
  inputs: OpenPort[]
  outputs: OpenPort[]
  /** Size of the ONNX file, without external data. */
  bytes: number
  initializers: ParameterCount
}

/**
 * Summarizes an ONNX file from its headers: payloads are neither read nor checked, so that the time does not
 * grow with them.
 * @throws ProvemarkError MODEL_UNREADABLE
 */
export async function summarizeModel(path: string): Promise<ModelSummary> {
  const { model, bytes } = readHeaders(path)
  return { ...describeModel(model), bytes }
}

/** The summary of a model in memory; only the size of its file is missing. */
export function describeModel(model: OnnxModel): Omit<ModelSummary, 'bytes'> {
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
  }
}

/** Version of the default operator set. */
export function findOpset({ opset_import }: OnnxModel): number {
  return opset_import.find(({ domain }) => isDefaultDomain(domain))?.version ?? 0
}

/** The default operator set has two names. */
export function isDefaultDomain(domain: string | undefined): boolean {
  return domain === undefined || domain === '' || domain === 'ai.onnx'
}

/** Name of a node's operator, with its domain where that is not the default one. */
export function nameOperator({ domain, op_type = '?' }: OnnxNode): string {
  return isDefaultDomain(domain) ? op_type : `${domain}::${op_type}`
}

function countOperators({ graph, functions }: OnnxModel): [string, number][] {
  const counts = new Map<string, number>()
  const countNodes = (nodes: readonly OnnxNode[]): void => {
    for (const node of nodes) {
      const name = nameOperator(node)
      counts.set(name, (counts.get(name) ?? 0) + 1)
      for (const { g, graphs } of node.attribute)
        for (const inner of g ? [g, ...graphs] : graphs) countGraph(inner)
    }
  }
  const countGraph = ({ node }: OnnxGraph): void => countNodes(node)
  if (graph) countGraph(graph)
  for (const { node } of functions) countNodes(node)
  return [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
}
