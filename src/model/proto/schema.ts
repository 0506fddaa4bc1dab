/**
 * The messages of ONNX that provemark reads and writes, by name, field number, type and label, in the order
 * in which they are written (ascending, so that the same model gives the same bytes). Source: onnx.proto of
 * the ONNX project. Fields that are not here are skipped when read; `patchMessage` keeps them.
 *
 * Labels: `one` (absent is undefined), `many` (one field each), `data` (the payload of a tensor: packed, and
 * left out where only the headers of a file are read).
 */
export const SCHEMA = {
  ModelProto: {
    ir_version: [1, 'int64', 'one'],
    producer_name: [2, 'string', 'one'],
    producer_version: [3, 'string', 'one'],
    domain: [4, 'string', 'one'],
    model_version: [5, 'int64', 'one'],
    graph: [7, 'GraphProto', 'one'],
    opset_import: [8, 'OperatorSetIdProto', 'many'],
    metadata_props: [14, 'StringStringEntryProto', 'many'],
    training_info: [20, 'TrainingInfoProto', 'many'],
    functions: [25, 'FunctionProto', 'many'],
  },
  TrainingInfoProto: { initialization: [1, 'GraphProto', 'one'], algorithm: [2, 'GraphProto', 'one'] },
  GraphProto: {
    node: [1, 'NodeProto', 'many'],
    name: [2, 'string', 'one'],
    initializer: [5, 'TensorProto', 'many'],
    input: [11, 'ValueInfoProto', 'many'],
    output: [12, 'ValueInfoProto', 'many'],
    value_info: [13, 'ValueInfoProto', 'many'],
    sparse_initializer: [15, 'SparseTensorProto', 'many'],
  },
  FunctionProto: {
    name: [1, 'string', 'one'],
    input: [4, 'string', 'many'],
    output: [5, 'string', 'many'],
    node: [7, 'NodeProto', 'many'],
    domain: [10, 'string', 'one'],
  },
  NodeProto: {
    input: [1, 'string', 'many'],
    output: [2, 'string', 'many'],
    name: [3, 'string', 'one'],
    op_type: [4, 'string', 'one'],
    attribute: [5, 'AttributeProto', 'many'],
    domain: [7, 'string', 'one'],
  },
  AttributeProto: {
    name: [1, 'string', 'one'],
    f: [2, 'float', 'one'],
    i: [3, 'int64', 'one'],
    s: [4, 'bytes', 'one'],
    t: [5, 'TensorProto', 'one'],
    g: [6, 'GraphProto', 'one'],
    floats: [7, 'float', 'many'],
    ints: [8, 'int64', 'many'],
    strings: [9, 'bytes', 'many'],
    tensors: [10, 'TensorProto', 'many'],
    graphs: [11, 'GraphProto', 'many'],
    type: [20, 'int32', 'one'],
    sparse_tensor: [22, 'SparseTensorProto', 'one'],
    sparse_tensors: [23, 'SparseTensorProto', 'many'],
  },
  TensorProto: {
    dims: [1, 'int64', 'many'],
    data_type: [2, 'int32', 'one'],
    float_data: [4, 'float', 'data'],
    int32_data: [5, 'int32', 'data'],
    string_data: [6, 'bytes', 'data'],
    int64_data: [7, 'int64', 'data'],
    name: [8, 'string', 'one'],
    raw_data: [9, 'bytes', 'one'],
    double_data: [10, 'double', 'data'],
    external_data: [13, 'StringStringEntryProto', 'many'],
    data_location: [14, 'int32', 'one'],
  },
  SparseTensorProto: {
    values: [1, 'TensorProto', 'one'],
    indices: [2, 'TensorProto', 'one'],
    dims: [3, 'int64', 'many'],
  },
  ValueInfoProto: { name: [1, 'string', 'one'], type: [2, 'TypeProto', 'one'] },
  TypeProto: {
    tensor_type: [1, 'TensorTypeProto', 'one'],
    sequence_type: [4, 'ElementTypeProto', 'one'],
    map_type: [5, 'MapTypeProto', 'one'],
    sparse_tensor_type: [8, 'TensorTypeProto', 'one'],
    optional_type: [9, 'ElementTypeProto', 'one'],
  },
  ElementTypeProto: { elem_type: [1, 'TypeProto', 'one'] },
  MapTypeProto: { key_type: [1, 'int32', 'one'], value_type: [2, 'TypeProto', 'one'] },
  TensorTypeProto: { elem_type: [1, 'int32', 'one'], shape: [2, 'TensorShapeProto', 'one'] },
  TensorShapeProto: { dim: [1, 'DimensionProto', 'many'] },
  DimensionProto: { dim_value: [1, 'int64', 'one'], dim_param: [2, 'string', 'one'] },
  OperatorSetIdProto: { domain: [1, 'string', 'one'], version: [2, 'int64', 'one'] },
  StringStringEntryProto: { key: [1, 'string', 'one'], value: [2, 'string', 'one'] },
} as const

type Schema = typeof SCHEMA
export type MessageName = keyof Schema

/** int64 fields are numbers: beyond 2^53 they are rounded, and the largest int64 stays the largest when written. */
export interface ScalarTypes {
  int32: number
  int64: number
  float: number
  double: number
  string: string
  bytes: Uint8Array
}

export type Field = readonly [
  number: number,
  type: keyof ScalarTypes | MessageName,
  label: 'one' | 'many' | 'data',
]

/** How protobuf encodes a value. */
export const WIRE = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const

export function wireTypeOf(type: keyof ScalarTypes | MessageName): number {
  if (type === 'float') return WIRE.fixed32
  if (type === 'double') return WIRE.fixed64
  return type === 'int32' || type === 'int64' ? WIRE.varint : WIRE.delimited
}

type FieldValue<Type> = Type extends keyof ScalarTypes
  ? ScalarTypes[Type]
  : Type extends MessageName
    ? Message<Type>
    : never

type SingleKeys<Fields> = {
  [K in keyof Fields]: Fields[K] extends readonly [number, unknown, 'one'] ? K : never
}[keyof Fields]

type MessageOf<Fields> = {
  [K in SingleKeys<Fields>]?: Fields[K] extends readonly [number, infer Type, 'one']
    ? FieldValue<Type>
    : never
} & {
  [K in Exclude<keyof Fields, SingleKeys<Fields>>]: Fields[K] extends readonly [number, infer Type, string]
    ? FieldValue<Type>[]
    : never
}

/** A decoded message: lists are always present, single fields only if the file has them. */
export type Message<Name extends MessageName> = MessageOf<Schema[Name]>

export interface FieldInfo {
  name: string
  number: number
  type: keyof ScalarTypes | MessageName
  label: Field[2]
}

const FIELDS = new Map(
  Object.entries<Record<string, Field>>(SCHEMA).map(([message, fields]) => {
    const infos = Object.entries(fields).map(([name, [number, type, label]]) => ({
      name,
      number,
      type,
      label,
    }))
    return [message, new Map(infos.map((info): [number, FieldInfo] => [info.number, info]))]
  }),
)

/** The fields of a message by number, in writing order. */
export function fieldsOf(message: MessageName): Map<number, FieldInfo> {
  return FIELDS.get(message)!
}

const LISTS = new Map(
  [...FIELDS].map(([message, fields]) => [
    message,
    [...fields.values()].filter(({ label }) => label !== 'one').map(({ name }) => name),
  ]),
)

/** A message with the given fields and empty lists for the others. */
export function makeMessage<Name extends MessageName>(
  message: Name,
  fields?: Partial<Message<Name>>,
): Message<Name> {
  const made: Record<string, unknown> = {}
  for (const name of LISTS.get(message)!) made[name] = []
  return Object.assign(made, fields) as Message<Name>
}
