import protobuf, { type Writer } from 'protobufjs/minimal.js'
import {
  type FieldInfo,
  fieldsOf,
  type Message,
  type MessageName,
  type ScalarTypes,
  SCHEMA,
  WIRE,
  wireTypeOf,
} from './schema.ts'

/** The bytes of a message: the same for the same content on every machine. */
export function encodeMessage<Name extends MessageName>(name: Name, message: Message<Name>): Uint8Array {
  const writer = protobuf.Writer.create()
  writeMessage(writer, name, message as Record<string, unknown>)
  const { buffer, byteOffset, byteLength } = writer.finish()
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function writeMessage(writer: Writer, name: MessageName, message: Record<string, unknown>): void {
  for (const field of fieldsOf(name).values()) {
    const value = message[field.name]
    if (value === undefined) continue
    if (field.label === 'one') writeField(writer, field, value)
    else if (field.label === 'data' && field.type !== 'bytes') writePacked(writer, field, value as number[])
    else for (const item of value as unknown[]) writeField(writer, field, item)
  }
}

function writeField(writer: Writer, { number, type }: FieldInfo, value: unknown): void {
  writer.uint32((number << 3) | wireTypeOf(type))
  if (type in SCHEMA) {
    writeMessage(writer.fork(), type as MessageName, value as Record<string, unknown>)
    writer.ldelim()
  } else writeScalar(writer, type as keyof ScalarTypes, value)
}

function writePacked(writer: Writer, { number, type }: FieldInfo, values: number[]): void {
  if (values.length === 0) return
  writer.uint32((number << 3) | WIRE.delimited).fork()
  for (const value of values) writeScalar(writer, type as keyof ScalarTypes, value)
  writer.ldelim()
}

function writeScalar(writer: Writer, type: keyof ScalarTypes, value: unknown): void {
  if (type === 'int64') writer.int64(saturate(value as number))
  else if (type === 'string') writer.string(value as string)
  else if (type === 'bytes') writer.bytes(value as Uint8Array)
  else writer[type](value as number)
}

const INT64_LIMIT = 2 ** 63
const INT64_MAX = { low: -1, high: 0x7fffffff, unsigned: false } as protobuf.Long

// Exporters write the largest int64 for 'to the end'; as a double it is 2^63, which would wrap to the smallest.
function saturate(value: number): number | protobuf.Long {
  return value >= INT64_LIMIT ? INT64_MAX : value
}

/** An encoded message in pieces, so that large values are copied only once. */
export type Pieces = readonly Uint8Array[]

/** The new pieces of one message, or undefined to leave it unchanged; `path` names the enclosing messages. */
export type Patch = (bytes: Uint8Array, path: readonly MessageName[]) => Pieces | undefined

export type Patches = Partial<Record<MessageName, Patch>>

/**
 * An encoded message in which the nested messages that a patch changes are replaced; undefined if it changes none.
 * Every other byte stays the same: fields that the schema does not know, their order, and how a number was written.
 * @throws RangeError or Error if the bytes are not a message
 */
export function patchMessage(
  name: MessageName,
  bytes: Uint8Array,
  patches: Patches,
  path: readonly MessageName[] = [],
): Pieces | undefined {
  const patched = patches[name]?.(bytes, path)
  if (patched) return patched
  const inner = [...path, name]
  const pieces: Uint8Array[] = []
  let kept = 0
  for (const { number, start, valueStart, end } of wireFields(bytes)) {
    const type = valueStart === undefined ? undefined : fieldsOf(name).get(number)?.type
    if (type === undefined || !(type in SCHEMA)) continue
    const replaced = patchMessage(type as MessageName, bytes.subarray(valueStart, end), patches, inner)
    if (!replaced) continue
    pieces.push(bytes.subarray(kept, start), ...delimited(number, replaced))
    kept = end
  }
  return pieces.length ? [...pieces, bytes.subarray(kept)] : undefined
}

/** A message without the fields of those numbers, and with others appended. */
export function replaceFields(bytes: Uint8Array, numbers: readonly number[], added: Pieces): Pieces {
  const kept = [...wireFields(bytes)].filter(({ number }) => !numbers.includes(number))
  return [...kept.map(({ start, end }) => bytes.subarray(start, end)), ...added]
}

/** A length-delimited field. */
export function delimited(number: number, value: Pieces): Pieces {
  const length = value.reduce((sum, piece) => sum + piece.length, 0)
  const head = protobuf.Writer.create()
    .uint32((number << 3) | WIRE.delimited)
    .uint32(length)
    .finish()
  return [head, ...value]
}

/** A field that holds an integer. */
export function varint(number: number, value: number): Uint8Array {
  return protobuf.Writer.create()
    .uint32(number << 3)
    .int64(value)
    .finish()
}

interface WireField {
  number: number
  start: number
  /** Offset of the value of a length-delimited field. */
  valueStart?: number
  end: number
}

function* wireFields(bytes: Uint8Array): Generator<WireField> {
  const reader = protobuf.Reader.create(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  while (reader.pos < reader.len) {
    const start = reader.pos
    const tag = reader.uint32()
    if ((tag & 7) === WIRE.delimited) {
      const length = reader.uint32()
      const valueStart = reader.pos
      reader.skip(length)
      yield { number: tag >>> 3, start, valueStart, end: reader.pos }
    } else {
      reader.skipType(tag & 7)
      yield { number: tag >>> 3, start, end: reader.pos }
    }
  }
}
