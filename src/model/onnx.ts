import { ProvemarkError } from '../errors.ts'
import { Cursor, DamageError, decodeMessage, type DecodeOptions } from './proto/decode.ts'
import { encodeMessage } from './proto/encode.ts'
import { makeMessage, type Message } from './proto/schema.ts'

export type OnnxModel = Message<'ModelProto'>
export type OnnxGraph = Message<'GraphProto'>
export type OnnxNode = Message<'NodeProto'>
export type OnnxAttribute = Message<'AttributeProto'>
export type OnnxTensor = Message<'TensorProto'>
export type OnnxValueInfo = Message<'ValueInfoProto'>

/** Producer name in models made by provemark, by which it recognises them. */
export const PRODUCER = 'provemark'

/** The bytes of an ONNX file: the same for the same model on every machine. */
export function encodeModel(model: OnnxModel): Uint8Array {
  return encodeMessage('ModelProto', model)
}

/**
 * Decodes the bytes of an ONNX file. The payloads of tensors are views of `bytes`, not copies; external data is not
 * loaded (see `readModel`).
 * @param source name for these bytes in errors, such as their path
 * @throws ProvemarkError MODEL_UNREADABLE
 */
export function decodeModel(bytes: Uint8Array, source = 'the model'): OnnxModel {
  return decodeFrom(Cursor.overBytes(bytes), source)
}

/** Like `decodeModel`, from any cursor. */
export function decodeFrom(cursor: Cursor, source: string, options?: DecodeOptions): OnnxModel {
  let model: OnnxModel
  try {
    model = decodeMessage('ModelProto', cursor, options)
  } catch (error) {
    throw unreadable(source, describeDamage(error, cursor), error)
  }
  const fault = findFault(model)
  if (fault) throw unreadable(source, fault)
  return model
}

// Many files of other kinds happen to be valid protobuf.
const FIRST_IR_WITH_OPSETS = 3
const LARGEST_IR = 1000

/** What every ONNX model has and this one is missing. */
function findFault({ graph, ir_version = 0, opset_import }: OnnxModel): string | undefined {
  if (graph === undefined) return 'it has no graph'
  if (!(ir_version >= 1 && ir_version <= LARGEST_IR)) return `its IR version is ${ir_version}`
  if (ir_version >= FIRST_IR_WITH_OPSETS && !opset_import.length) return 'it has no operator set'
  if (opset_import.some(({ version = 0 }) => !(version >= 1)))
    return 'it has an operator set without a version'
  const nameless = graph.node.findIndex(({ op_type }) => !op_type)
  return nameless < 0 ? undefined : `node ${nameless} has no operator`
}

function describeDamage(error: unknown, cursor: Cursor): string {
  if (error instanceof DamageError) return `${error.message}, at byte ${error.offset} of ${cursor.size}`
  // protobufjs throws RangeError at the end of the bytes and a plain Error for a varint without end.
  if (error instanceof RangeError) return `it ends inside a field, after ${cursor.size} bytes`
  return `${(error as Error).message}, at byte ${cursor.position} of ${cursor.size}`
}

function unreadable(source: string, what: string, cause?: unknown): ProvemarkError {
  return new ProvemarkError('MODEL_UNREADABLE', `${source} is not an ONNX model, or is damaged: ${what}`, {
    cause,
    hint: 'check that the path names an ONNX file and that it was copied or downloaded completely; pass any other file as a workload',
  })
}

/** `TensorProto.DataType` of the ONNX project, for the types that provemark refers to by name. */
export const DATA_TYPE = {
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  INT32: 6,
  INT64: 7,
  STRING: 8,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
  BFLOAT16: 16,
} as const

const ATTRIBUTE_TYPE = { FLOAT: 1, INT: 2, STRING: 3, TENSOR: 4, INTS: 7 } as const
const OPSET = 13
/** The IR version that came with an operator set; older files keep 8, which every prover reads. */
const FIRST_OPSET_OF_IR_9 = 19

/** A float attribute is written as `{ float: 1 }`, since JavaScript does not distinguish 1.0 from 1. */
export type AttributeValue = number | number[] | string | { float: number } | { tensor: OnnxTensor }

export function makeNode(
  op_type: string,
  name: string,
  input: string[],
  output: string[],
  attributes: Record<string, AttributeValue> = {},
): OnnxNode {
  const attribute = Object.entries(attributes).map(([key, value]) => makeAttribute(key, value))
  return makeMessage('NodeProto', { input, output, name, op_type, attribute })
}

function makeAttribute(name: string, value: AttributeValue): OnnxAttribute {
  const make = (type: number, field: Partial<OnnxAttribute>) =>
    makeMessage('AttributeProto', { name, ...field, type })
  if (Array.isArray(value)) return make(ATTRIBUTE_TYPE.INTS, { ints: value })
  if (typeof value === 'number') return make(ATTRIBUTE_TYPE.INT, { i: value })
  if (typeof value === 'string') return make(ATTRIBUTE_TYPE.STRING, { s: new TextEncoder().encode(value) })
  return 'tensor' in value
    ? make(ATTRIBUTE_TYPE.TENSOR, { t: value.tensor })
    : make(ATTRIBUTE_TYPE.FLOAT, { f: value.float })
}

/** A tensor of float32, int64 or booleans (0 and 1), its values in row-major order. */
export function makeTensor(
  name: string,
  dims: number[],
  values: Float32Array | BigInt64Array | Uint8Array,
): OnnxTensor {
  const [data_type, raw_data] = encodeValues(values)
  return makeMessage('TensorProto', { dims, data_type, name, raw_data })
}

function encodeValues(values: Float32Array | BigInt64Array | Uint8Array): [number, Uint8Array] {
  if (values instanceof Uint8Array) return [DATA_TYPE.BOOL, values]
  const bytes = new Uint8Array(values.byteLength)
  const view = new DataView(bytes.buffer)
  if (values instanceof Float32Array) {
    for (const [index, value] of values.entries()) view.setFloat32(index * 4, value, true)
    return [DATA_TYPE.FLOAT, bytes]
  }
  for (const [index, value] of values.entries()) view.setBigInt64(index * 8, value, true)
  return [DATA_TYPE.INT64, bytes]
}

/** An input or output of fixed shape; float32 unless another element type is given. */
export function makeValueInfo(
  name: string,
  shape: number[],
  elem_type: number = DATA_TYPE.FLOAT,
): OnnxValueInfo {
  const dim = shape.map((dim_value) => makeMessage('DimensionProto', { dim_value }))
  const tensor_type = makeMessage('TensorTypeProto', {
    elem_type,
    shape: makeMessage('TensorShapeProto', { dim }),
  })
  return makeMessage('ValueInfoProto', { name, type: makeMessage('TypeProto', { tensor_type }) })
}

/** A model around a graph; of opset 13 unless another is given. */
export function makeModel(graph: Partial<OnnxGraph>, { opset = OPSET } = {}): OnnxModel {
  return makeMessage('ModelProto', {
    ir_version: opset < FIRST_OPSET_OF_IR_9 ? 8 : 9,
    producer_name: PRODUCER,
    graph: makeMessage('GraphProto', graph),
    opset_import: [makeMessage('OperatorSetIdProto', { domain: '', version: opset })],
  })
}
