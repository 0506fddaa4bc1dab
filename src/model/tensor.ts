import { ProvemarkError } from '../errors.ts'
import { printableName } from '../lib/printable.ts'
import { DATA_TYPE, type OnnxTensor } from './onnx.ts'
import { readBfloat16, readFloat16 } from './element-type.ts'

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

/** Values in row-major order: float32 for FLOAT, float64 for DOUBLE, 16-bit floats and (up to 2^53) integers. */
export interface Tensor {
  dims: readonly number[]
  data: Float32Array | Float64Array
}

type Packed = 'float_data' | 'double_data' | 'int32_data' | 'int64_data'

interface Storage {
  width: number
  packed: Packed
  make: (count: number) => Tensor['data']
  read: (view: DataView, offset: number) => number
  /** The value of a number from the packed list; absent: the number itself. */
  unpack?: (packed: number) => number
}

const float64 = (count: number) => new Float64Array(count)

/** Floats of 16 bits, whose packed list contains their bits. */
function half(decode: (bits: number) => number): Storage {
  return {
    width: 2,
    packed: 'int32_data',
    make: float64,
    read: (view, at) => decode(view.getUint16(at, true)),
    unpack: (packed) => decode(packed & 0xffff),
  }
}

const STORAGES = new Map<number | undefined, Storage>([
  [
    DATA_TYPE.FLOAT,
    {
      width: 4,
      packed: 'float_data',
      make: (count) => new Float32Array(count),
      read: (view, at) => view.getFloat32(at, true),
    },
  ],
  [
    DATA_TYPE.DOUBLE,
    { width: 8, packed: 'double_data', make: float64, read: (view, at) => view.getFloat64(at, true) },
  ],
  [
    DATA_TYPE.INT64,
    { width: 8, packed: 'int64_data', make: float64, read: (view, at) => Number(view.getBigInt64(at, true)) },
  ],
  [
    DATA_TYPE.INT32,
    { width: 4, packed: 'int32_data', make: float64, read: (view, at) => view.getInt32(at, true) },
  ],
  [DATA_TYPE.FLOAT16, half(readFloat16)],
  [DATA_TYPE.BFLOAT16, half(readBfloat16)],
  [DATA_TYPE.INT8, { width: 1, packed: 'int32_data', make: float64, read: (view, at) => view.getInt8(at) }],
  [DATA_TYPE.UINT8, { width: 1, packed: 'int32_data', make: float64, read: (view, at) => view.getUint8(at) }],
  [DATA_TYPE.BOOL, { width: 1, packed: 'int32_data', make: float64, read: (view, at) => view.getUint8(at) }],
])

/**
 * The values of an initializer or a Constant.
 * @throws ProvemarkError MODEL_UNSUPPORTED for its type, MODEL_UNREADABLE if shape and bytes do not match
 */
export function readTensor(tensor: OnnxTensor): Tensor {
  const what = `tensor ${printableName(tensor.name) || 'without a name'}`
  const storage = STORAGES.get(tensor.data_type)
  if (storage === undefined || isExternal(tensor)) {
    const reason = storage ? 'has its values in another file' : `has the data type ${tensor.data_type}`
    throw new ProvemarkError('MODEL_UNSUPPORTED', `${what} ${reason}`, {
      hint: storage ? 'read the model from its path' : 'export the model with float32 weights',
    })
  }
  const { dims } = tensor
  const count = countValues(dims, what)
  const packed = tensor[storage.packed]
  const { raw_data } = tensor
  const given = raw_data === undefined ? packed.length : raw_data.length / storage.width
  if (given !== count) {
    throw new ProvemarkError(
      'MODEL_UNREADABLE',
      `${what} [${dims.join(', ')}] holds ${given} of ${count} values`,
      {
        hint: 'check that the file was copied or downloaded completely',
      },
    )
  }
  const data = storage.make(count)
  if (raw_data === undefined) data.set(storage.unpack ? packed.map(storage.unpack) : packed)
  else {
    const view = new DataView(raw_data.buffer, raw_data.byteOffset, raw_data.byteLength)
    for (let index = 0; index < count; index++) data[index] = storage.read(view, index * storage.width)
  }
  return { dims, data }
}
