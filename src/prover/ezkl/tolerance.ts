import { Float16Array } from '@petamoriken/float16'
import { readBfloat16 } from '../../model/element-type.ts'
import { listNodes, listTensors } from '../../model/graphs.ts'
import { DATA_TYPE, type OnnxModel, type OnnxTensor } from '../../model/onnx.ts'
import type { InferredOutput, ToleranceContext } from '../contract.ts'

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

function listValues(outputs: readonly InferredOutput[]): number[] {
  return outputs.flatMap(({ values }) => [...values])
}

function roundTo(value: number, scaleBits: number): number {
  return Math.round(value * 2 ** scaleBits) / 2 ** scaleBits
}

/**
 * A copy in which every stored value of a float type is rounded: in initializers and in tensors in attributes,
 * including subgraphs and functions, and the numbers of Constant nodes and ai.onnx.ml operators.
 */
export function roundParameters(model: OnnxModel, round: (value: number) => number): OnnxModel {
  const rounded = structuredClone(model)
  for (const tensor of listTensors(rounded)) Object.assign(tensor, roundTensor(tensor, round))
  for (const { op_type, domain, attribute } of listNodes(rounded)) {
    if (op_type !== 'Constant' && domain !== 'ai.onnx.ml') continue
    for (const own of attribute) {
      if (own.f !== undefined) own.f = round(own.f)
      own.floats = own.floats.map(round)
    }
  }
  return rounded
}

type Round = (value: number) => number

const { FLOAT, DOUBLE, FLOAT16, BFLOAT16 } = DATA_TYPE

/** A float tensor with each value rounded, in the same type; any other tensor unchanged. */
function roundTensor(tensor: OnnxTensor, round: Round): OnnxTensor {
  const { data_type, raw_data, int32_data } = tensor
  switch (data_type) {
    case FLOAT:
    case DOUBLE:
      return {
        ...tensor,
        ...(raw_data ? { raw_data: roundBytes(raw_data, data_type, round) } : {}),
        float_data: tensor.float_data.map(round),
        double_data: tensor.double_data.map(round),
      }
    case FLOAT16:
    case BFLOAT16: {
      // The packed list contains their bits.
      const bytes = raw_data ?? new Uint8Array(Uint16Array.from(int32_data).buffer)
      return { ...tensor, int32_data: [], raw_data: roundBytes(bytes, data_type, round) }
    }
    default:
      return tensor
  }
}

function roundBytes(
  bytes: Uint8Array,
  dataType: typeof FLOAT | typeof DOUBLE | typeof FLOAT16 | typeof BFLOAT16,
  round: Round,
): Uint8Array {
  // A copy: a field of a message starts at any byte, while a typed array needs alignment.
  const { buffer } = Uint8Array.from(bytes)
  if (dataType === BFLOAT16) {
    const bits = new Uint16Array(buffer)
    bits.set(Array.from(bits, (own) => bitsOfBfloat16(round(readBfloat16(own)))))
  } else {
    const values = viewFloats(buffer, dataType)
    values.set(Array.from(values, round))
  }
  return new Uint8Array(buffer)
}

function viewFloats(buffer: ArrayBuffer, dataType: typeof FLOAT | typeof DOUBLE | typeof FLOAT16) {
  if (dataType === FLOAT) return new Float32Array(buffer)
  return dataType === DOUBLE ? new Float64Array(buffer) : new Float16Array(buffer)
}

/** The nearest bfloat16: the upper half of a float32. */
function bitsOfBfloat16(value: number): number {
  const [bits = 0] = new Uint32Array(Float32Array.of(value).buffer)
  return (bits + 0x8000) >>> 16
}
