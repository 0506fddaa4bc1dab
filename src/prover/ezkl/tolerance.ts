import { Float16Array } from '@petamoriken/float16'
import { listNodes, listTensors, nameOperator } from '../../model/graphs.ts'
import { DATA_TYPE, type OnnxModel, type OnnxTensor } from '../../model/onnx.ts'
import { readTensor } from '../../model/tensor.ts'
import type { RunOutput } from '../../reference/run-model.ts'
import type { ToleranceContext } from '../contract.ts'

/** For 48 CNNs of 1 to 5 blocks ezkl's error was at most 1.9 times what rounding inputs and parameters explains. */
const MARGIN = 4

/**
 * How much rounding inputs and parameters to 2^-scaleBits changes the outputs of this model for these inputs, times a
 * margin for the activations, which are also rounded: an estimate, not a proven bound.
 */
export async function explainByQuantisation(
  { model, inputs, outputs, infer }: ToleranceContext,
  scaleBits: number,
): Promise<number> {
  const exact = listValues(outputs)
  const rounded = listValues(
    await infer(
      roundParameters(model, (value) => roundTo(value, scaleBits)),
      inputs.map((values) => Array.from(values, (value) => roundTo(value, scaleBits))),
    ),
  )
  const moved = exact.reduce((most, value, i) => Math.max(most, Math.abs(value - rounded[i]!)), 0)
  // The output itself is a multiple of the unit.
  return MARGIN * moved + 2 ** -scaleBits
}

function listValues(outputs: readonly RunOutput[]): number[] {
  return outputs.flatMap(({ values }) => [...values])
}

function roundTo(value: number, scaleBits: number): number {
  return Math.round(value * 2 ** scaleBits) / 2 ** scaleBits
}

/**
 * A copy in which every stored value of a float type is rounded: in initializers and in tensors in attributes,
 * including subgraphs and functions, and the numbers of Constant nodes and ai.onnx.ml operators.
 */
function roundParameters(model: OnnxModel, round: (value: number) => number): OnnxModel {
  const rounded = structuredClone(model)
  for (const tensor of listTensors(rounded)) Object.assign(tensor, roundTensor(tensor, round))
  for (const node of listNodes(rounded)) {
    if (nameOperator(node) !== 'Constant' && node.domain !== 'ai.onnx.ml') continue
    for (const own of node.attribute) {
      if (own.f !== undefined) own.f = round(own.f)
      own.floats = own.floats.map(round)
    }
  }
  return rounded
}

const { FLOAT, DOUBLE, FLOAT16, BFLOAT16 } = DATA_TYPE

/** The float types, with their values as a typed array of their bytes. */
const FLOATS = new Map<number | undefined, (values: number[]) => { buffer: ArrayBufferLike }>([
  [FLOAT, (values) => Float32Array.from(values)],
  [DOUBLE, (values) => Float64Array.from(values)],
  [FLOAT16, (values) => Float16Array.from(values)],
  [BFLOAT16, (values) => Uint16Array.from(values, bitsOfBfloat16)],
])

/** A float tensor with each value rounded, in the same type; any other tensor unchanged. */
function roundTensor(tensor: OnnxTensor, round: (value: number) => number): OnnxTensor {
  const encode = FLOATS.get(tensor.data_type)
  if (!encode) return tensor
  const { buffer } = encode(Array.from(readTensor(tensor).data, round))
  return { ...tensor, float_data: [], double_data: [], int32_data: [], raw_data: new Uint8Array(buffer) }
}

/** The nearest bfloat16: the upper half of a float32. */
function bitsOfBfloat16(value: number): number {
  const [bits = 0] = new Uint32Array(Float32Array.of(value).buffer)
  return (bits + 0x8000) >>> 16
}
