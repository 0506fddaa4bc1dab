import { ProvemarkError } from '../errors.ts'
import { Cursor, DamageError } from './proto/cursor.ts'
import { decodeMessage, type DecodeOptions } from './proto/decode.ts'
import { encodeMessage } from './proto/encode.ts'
import type { Message } from './proto/schema.ts'

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
  if (graph === undefined) return 'it holds no graph'
  if (!(ir_version >= 1 && ir_version <= LARGEST_IR)) return `its IR version is ${ir_version}`
  if (ir_version >= FIRST_IR_WITH_OPSETS && !opset_import.length) return 'it names no operator set'
  if (opset_import.some(({ version = 0 }) => !(version >= 1)))
    return 'it names an operator set without a version'
  const nameless = graph.node.findIndex(({ op_type }) => !op_type)
  return nameless < 0 ? undefined : `node ${nameless} names no operator`
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
    hint: 'check that the path names an ONNX file and that it was copied or downloaded completely; any other file is given as a workload',
  })
}
