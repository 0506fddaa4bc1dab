/** Properties of one `TensorProto.DataType`. */
export interface ElementTypeInfo {
  /** As NumPy and onnxruntime name it. */
  name: string
  /** Bits of one value when packed; undefined if values have no fixed size. */
  bits: number | undefined
  kind: 'float' | 'integer' | 'boolean' | 'complex' | 'string' | 'unknown'
  /** Smallest and largest finite value; absent if a number cannot represent one. */
  range?: readonly [low: number, high: number]
}

const float = (name: string, bits: number, largest: number): ElementTypeInfo => ({
  name,
  bits,
  kind: 'float',
  range: [-largest, largest],
})
const integer = (name: string, bits: number, low: number, high: number): ElementTypeInfo => ({
  name: `${name}${bits}`,
  bits,
  kind: 'integer',
  range: [low, high],
})
const signed = (bits: number) => integer('int', bits, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
const unsigned = (bits: number) => integer('uint', bits, 0, 2 ** bits - 1)

/** By number, as in onnx.proto of the ONNX project. */
const ELEMENT_TYPES = new Map<number, ElementTypeInfo>([
  [1, float('float32', 32, 3.4028234663852886e38)],
  [2, unsigned(8)],
  [3, signed(8)],
  [4, unsigned(16)],
  [5, signed(16)],
  [6, signed(32)],
  [7, signed(64)],
  [8, { name: 'string', bits: undefined, kind: 'string' }],
  [9, { name: 'bool', bits: 8, kind: 'boolean', range: [0, 1] }],
  [10, float('float16', 16, 65504)],
  [11, float('float64', 64, Number.MAX_VALUE)],
  [12, unsigned(32)],
  [13, unsigned(64)],
  [14, { name: 'complex64', bits: 64, kind: 'complex' }],
  [15, { name: 'complex128', bits: 128, kind: 'complex' }],
  [16, float('bfloat16', 16, 3.3895313892515355e38)],
  [17, float('float8e4m3fn', 8, 448)],
  [18, float('float8e4m3fnuz', 8, 240)],
  [19, float('float8e5m2', 8, 57344)],
  [20, float('float8e5m2fnuz', 8, 57344)],
  [21, unsigned(4)],
  [22, signed(4)],
  [23, float('float4e2m1', 4, 6)],
  // Only powers of two: no sign, and no zero.
  [24, { name: 'float8e8m0', bits: 8, kind: 'float', range: [2 ** -127, 2 ** 127] }],
  [25, unsigned(2)],
  [26, signed(2)],
  [27, float('float6e2m3', 6, 7.5)],
  [28, float('float6e3m2', 6, 28)],
])

/**
 * The element type of that number; an unknown one, such as one that was added to ONNX later, is named by its number.
 */
export function elementType(dataType: number | undefined): ElementTypeInfo {
  const known = ELEMENT_TYPES.get(dataType ?? 0)
  if (known) return known
  return { name: dataType ? `type ${dataType}` : 'no type', bits: undefined, kind: 'unknown' }
}

/** Bytes of `count` values, sub-byte types packed; undefined if the type has no fixed size. */
export function bytesOf(dataType: number | undefined, count: number): number | undefined {
  const { bits } = elementType(dataType)
  return bits === undefined ? undefined : Math.ceil((count * bits) / 8)
}

/** The element type of that name; float32 if no name is given. */
export function elementTypeNamed(name = 'float32'): ElementTypeInfo {
  return NAMED.get(name) ?? { name, bits: undefined, kind: 'unknown' }
}

const NAMED = new Map([...ELEMENT_TYPES.values()].map((type) => [type.name, type]))

/** Whether float32 can hold every value of a type: true for all floats but float64. */
export function holdsSingles(name: string | undefined): boolean {
  const { kind, bits } = elementTypeNamed(name)
  return kind === 'float' && bits !== 64
}

/** Whether a number can represent a value of a type. */
export function isNumeric(name: string | undefined): boolean {
  return ['float', 'integer', 'boolean'].includes(elementTypeNamed(name).kind)
}

/** Reads one value of a type; integers beyond 2^53 are rounded. */
export type ReadValue = (view: DataView, offset: number, littleEndian: boolean) => number

const READERS: Readonly<Record<string, ReadValue | undefined>> = {
  float16: (view, at, little) => readFloat16(view.getUint16(at, little)),
  bfloat16: (view, at, little) => readBfloat16(view.getUint16(at, little)),
  float32: (view, at, little) => view.getFloat32(at, little),
  float64: (view, at, little) => view.getFloat64(at, little),
  int8: (view, at) => view.getInt8(at),
  int16: (view, at, little) => view.getInt16(at, little),
  int32: (view, at, little) => view.getInt32(at, little),
  int64: (view, at, little) => Number(view.getBigInt64(at, little)),
  uint8: (view, at) => view.getUint8(at),
  uint16: (view, at, little) => view.getUint16(at, little),
  uint32: (view, at, little) => view.getUint32(at, little),
  uint64: (view, at, little) => Number(view.getBigUint64(at, little)),
  bool: (view, at) => Number(view.getUint8(at) !== 0),
}

/** Bytes of one value of that type, and the function that reads it; undefined for types without one. */
export function readerOf(name: string): { width: number; read: ReadValue } | undefined {
  const read = READERS[name]
  return read && { width: elementTypeNamed(name).bits! / 8, read }
}

/**
 * The value of the 16 bits of an IEEE 754 half. Own code, because getFloat16 of @petamoriken/float16 takes 60 times as
 * long.
 */
function readFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The value of the 16 bits of a bfloat16: the upper half of a float32. */
export function readBfloat16(bits: number): number {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, bits << 16)
  return view.getFloat32(0)
}
