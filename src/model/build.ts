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

const ATTRIBUTE_TYPE = { FLOAT: 1, INT: 2, INTS: 7 } as const
const IR_VERSION = 8
const OPSET = 13

/** A float attribute is written as `{ float: 1 }`, since JavaScript does not distinguish 1.0 from 1. */
export type AttributeValue = number | number[] | { float: number }

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
  return makeMessage('AttributeProto', { name, f: value.float, type: ATTRIBUTE_TYPE.FLOAT })
}

/** A float32 initializer, its values in row-major order. */
export function makeTensor(name: string, dims: number[], values: Float32Array): OnnxTensor {
  return makeMessage('TensorProto', {
    dims,
    data_type: DATA_TYPE.FLOAT,
    name,
    raw_data: littleEndianBytes(values),
  })
}

function littleEndianBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < values.length; index++) view.setFloat32(index * 4, values[index]!, true)
  return bytes
}

/** A float32 input or output of fixed shape. */
export function makeValueInfo(name: string, shape: number[]): OnnxValueInfo {
  const dim = shape.map((dim_value) => makeMessage('DimensionProto', { dim_value }))
  const tensor_type = makeMessage('TensorTypeProto', {
    elem_type: DATA_TYPE.FLOAT,
    shape: makeMessage('TensorShapeProto', { dim }),
  })
  return makeMessage('ValueInfoProto', { name, type: makeMessage('TypeProto', { tensor_type }) })
}

/** A model of opset 13 around a graph. */
export function makeModel(graph: Partial<OnnxGraph>): OnnxModel {
  return makeMessage('ModelProto', {
    ir_version: IR_VERSION,
    producer_name: PRODUCER,
    graph: makeMessage('GraphProto', graph),
    opset_import: [makeMessage('OperatorSetIdProto', { domain: '', version: OPSET })],
  })
}
