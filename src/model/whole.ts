import type { OnnxModel, OnnxValueInfo } from './onnx.ts'
import { countParameters } from './parameters.ts'
import { listInputs, type OpenPort } from './ports.ts'
import { readModel } from './read.ts'

// protobuf allows no longer message; nodes and names need some of it.
const MOST_VALUE_BYTES = 2 ** 31 - 2 ** 26

/**
 * A model as every prover reads it: all values in one file, and an open batch fixed to 1. Undefined where the file is
 * that already, or holds what a copy of ours would lose.
 * @param headers of the file at `path`
 * @throws ProvemarkError MODEL_UNREADABLE
 */
export function makeWhole(path: string, headers: OnnxModel): OnnxModel | undefined {
  if (isWhole(headers) || !canBeCopied(headers)) return undefined
  const model = readModel(path)
  fixBatch(model)
  return model
}

function isWhole(model: OnnxModel): boolean {
  return countParameters(model).external.count === 0 && listInputs(model).every(({ shape }) => !isOpen(shape))
}

function isOpen(shape: OpenPort['shape']): boolean {
  return typeof shape?.[0] === 'string'
}

function canBeCopied(model: OnnxModel): boolean {
  const { in_file, external, constant_nodes } = countParameters(model)
  const isTensor = ({ type }: OnnxValueInfo) => !type || type.tensor_type !== undefined
  return (
    in_file.bytes + external.bytes + constant_nodes.bytes <= MOST_VALUE_BYTES &&
    !model.functions.length &&
    listInfos(model).every(isTensor)
  )
}

/** The batch has the same name wherever it stands. */
function fixBatch(model: OnnxModel): void {
  const open = new Set(listInputs(model).flatMap(({ name, shape }) => (isOpen(shape) ? [name] : [])))
  const inputs = model.graph!.input.filter(({ name = '' }) => open.has(name))
  const names = new Set(inputs.map((input) => dimsOf(input)[0]?.dim_param).filter(Boolean))
  const batches = [
    ...inputs.map((input) => dimsOf(input)[0]!),
    ...listInfos(model).flatMap((info) => dimsOf(info).filter(({ dim_param }) => names.has(dim_param))),
  ]
  for (const dim of batches) {
    dim.dim_value = 1
    delete dim.dim_param
  }
}

function listInfos({ graph }: OnnxModel): OnnxValueInfo[] {
  return graph ? [...graph.input, ...graph.output, ...graph.value_info] : []
}

function dimsOf({ type }: OnnxValueInfo) {
  return type?.tensor_type?.shape?.dim ?? []
}
