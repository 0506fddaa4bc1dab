import { Float16Array } from '@petamoriken/float16'
import { Tensor } from 'onnxruntime-web/wasm'

type NumberArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array

const INTEGERS: Readonly<Record<string, new (values: ArrayLike<number>) => NumberArray>> = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
}

/**
 * A tensor of the type that an input of the model has.
 * @throws Error if a value is not of that type
 */
export function encodeValues(
  name: string,
  type: string,
  shape: readonly number[],
  values: ArrayLike<number | bigint>,
): Tensor {
  const numbers = () => Array.from(values, Number)
  if (type === 'float32') return new Tensor(type, Float32Array.from(numbers()), shape)
  if (type === 'float64') return new Tensor(type, Float64Array.from(numbers()), shape)
  // As bits: Node 22 has no Float16Array, and onnxruntime accepts these everywhere.
  if (type === 'float16') return new Tensor(type, new Uint16Array(Float16Array.from(numbers()).buffer), shape)
  const integers = Array.from(values, (value) => toInteger(value, name, type))
  if (type === 'int64') return new Tensor(type, BigInt64Array.from(integers), shape)
  if (type === 'uint64') return new Tensor(type, BigUint64Array.from(integers), shape)
  const NumberArray = INTEGERS[type]
  if (!NumberArray) throw new Error(`input ${name} has the type ${type}, which cannot be given as numbers`)
  const data = new NumberArray(integers.map(Number))
  const wrong = data.findIndex((value, index) => BigInt(value) !== integers[index])
  if (wrong >= 0) throw new Error(`input ${name} is ${type}, and value ${wrong} is ${integers[wrong]}`)
  return new Tensor(type as 'int32', data as Int32Array, shape)
}

function toInteger(value: number | bigint, name: string, type: string): bigint {
  if (typeof value === 'number' && !Number.isInteger(value))
    throw new Error(`input ${name} is ${type}, and ${value} is no integer`)
  return BigInt(value)
}

/**
 * Values of any numeric type as numbers; integers are exact up to 2^53.
 * @throws Error for strings
 */
export function decodeValues(name: string, { type, data }: Tensor): Float64Array {
  if (type === 'string') throw new Error(`output ${name} has strings, not numbers`)
  if (type === 'float16') {
    const { buffer, byteOffset, length } = data as Uint16Array
    return Float64Array.from(new Float16Array(buffer, byteOffset, length))
  }
  return Float64Array.from(data as ArrayLike<number>, Number)
}
