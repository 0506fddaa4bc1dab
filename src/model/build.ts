import {
  PRODUCER,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from './onnx.ts'
import { makeMessage } from './proto/schema.ts'

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
  if (Array.isArray(value))
    return makeMessage('AttributeProto', { name, ints: value, type: ATTRIBUTE_TYPE.INTS })
  if (typeof value === 'number')
    return makeMessage('AttributeProto', { name, i: value, type: ATTRIBUTE_TYPE.INT })
  if (typeof value === 'string')
    return makeMessage('AttributeProto', {
      name,
      s: new TextEncoder().encode(value),
      type: ATTRIBUTE_TYPE.STRING,
    })
  if ('tensor' in value)
    return makeMessage('AttributeProto', { name, t: value.tensor, type: ATTRIBUTE_TYPE.TENSOR })
  return makeMessage('AttributeProto', { name, f: value.float, type: ATTRIBUTE_TYPE.FLOAT })
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
