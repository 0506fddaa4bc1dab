import { ProvemarkError } from '../errors.ts'
import { printableName } from '../lib/text.ts'
import { DATA_TYPE, type OnnxTensor } from './onnx.ts'
import { elementType, readerOf } from './element-type.ts'

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
      hint: 'export the model again; python -m onnx.checker FILE says more',
    })
  }
  return count
}

/** Values in row-major order: float32 for FLOAT, float64 for DOUBLE, 16-bit floats and (up to 2^53) integers. */
export interface Tensor {
  dims: readonly number[]
  data: Float32Array | Float64Array
}

/** The packed list that contains the values of each type, if the raw bytes do not. */
const PACKED_LISTS = new Map<number | undefined, 'float_data' | 'double_data' | 'int32_data' | 'int64_data'>([
  [DATA_TYPE.FLOAT, 'float_data'],
  [DATA_TYPE.DOUBLE, 'double_data'],
  [DATA_TYPE.INT64, 'int64_data'],
  [DATA_TYPE.INT32, 'int32_data'],
  [DATA_TYPE.FLOAT16, 'int32_data'],
  [DATA_TYPE.BFLOAT16, 'int32_data'],
  [DATA_TYPE.INT8, 'int32_data'],
  [DATA_TYPE.UINT8, 'int32_data'],
  [DATA_TYPE.BOOL, 'int32_data'],
])

/**
 * The values of an initializer or a Constant.
 * @throws ProvemarkError MODEL_UNSUPPORTED for its type, MODEL_UNREADABLE if shape and bytes do not match
 */
export function readTensor(tensor: OnnxTensor): Tensor {
  const { dims, data_type } = tensor
  const what = `tensor ${printableName(tensor.name) || 'without a name'}`
  const list = PACKED_LISTS.get(data_type)
  if (list === undefined || isExternal(tensor)) {
    const reason = list ? 'has its values in another file' : `has the data type ${data_type}`
    throw new ProvemarkError('MODEL_UNSUPPORTED', `${what} ${reason}`, {
      hint: list ? 'read the model from its path' : 'export the model with float32 weights',
    })
  }
  const count = countValues(dims, what)
  const { width, read } = readerOf(elementType(data_type).name)!
  const isHalf = data_type === DATA_TYPE.FLOAT16 || data_type === DATA_TYPE.BFLOAT16
  const raw = tensor.raw_data ?? (isHalf ? bitsToBytes(tensor[list]) : undefined)
  const given = raw === undefined ? tensor[list].length : raw.length / width
  if (given !== count) {
    const shape = `[${dims.join(', ')}]`
    throw new ProvemarkError('MODEL_UNREADABLE', `${what} ${shape} holds ${given} of ${count} values`, {
      hint: 'check that the file was copied or downloaded completely',
    })
  }
  const data = data_type === DATA_TYPE.FLOAT ? new Float32Array(count) : new Float64Array(count)
  if (raw === undefined) data.set(tensor[list])
  else {
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
    for (let index = 0; index < count; index++) data[index] = read(view, index * width, true)
  }
  return { dims, data }
}

/** The packed list of 16-bit floats contains their bits. */
function bitsToBytes(bits: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(bits.length * 2))
  for (const [index, own] of bits.entries()) view.setUint16(index * 2, own, true)
  return new Uint8Array(view.buffer)
}
