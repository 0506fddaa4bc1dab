import { Float16Array } from '@petamoriken/float16'
import { DATA_TYPE } from '../../model/build.ts'
import type { OnnxTensor } from '../../model/onnx.ts'

const FLOAT16 = 10

/** A tensor of a float type with each value rounded, in its own type; any other tensor as it is. */
export function roundTensor(tensor: OnnxTensor, round: (value: number) => number): OnnxTensor {
  const { data_type, raw_data } = tensor
  if (data_type !== DATA_TYPE.FLOAT && data_type !== DATA_TYPE.DOUBLE && data_type !== FLOAT16) return tensor
  if (raw_data) return { ...tensor, raw_data: roundBytes(raw_data, data_type, round) }
  if (data_type === FLOAT16) {
    const bytes = new Uint8Array(Uint16Array.from(tensor.int32_data).buffer)
    return { ...tensor, int32_data: [], raw_data: roundBytes(bytes, data_type, round) }
  }
  return {
    ...tensor,
    float_data: tensor.float_data.map(round),
    double_data: tensor.double_data.map(round),
  }
}

function roundBytes(bytes: Uint8Array, dataType: number, round: (value: number) => number): Uint8Array {
  // A copy: a field of a message starts at any byte, an array of floats at a multiple of its width.
  const { buffer } = Uint8Array.from(bytes)
  const values =
    dataType === DATA_TYPE.FLOAT
      ? new Float32Array(buffer)
      : dataType === DATA_TYPE.DOUBLE
        ? new Float64Array(buffer)
        : new Float16Array(buffer)
  values.set(Array.from(values, round))
  return new Uint8Array(buffer)
}
