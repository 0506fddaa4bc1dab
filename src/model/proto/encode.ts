import protobuf from 'protobufjs/minimal.js'
import type { Writer } from 'protobufjs/minimal.js'
import {
  fieldsOf,
  SCHEMA,
  type FieldInfo,
  type Message,
  type MessageName,
  type ScalarTypes,
} from './schema.ts'

/** The bytes of a message: the same for the same content on every machine. */
export function encodeMessage<Name extends MessageName>(name: Name, message: Message<Name>): Uint8Array {
  const writer = protobuf.Writer.create()
  writeMessage(writer, name, message as Record<string, unknown>)
  const { buffer, byteOffset, byteLength } = writer.finish()
  return new Uint8Array(buffer, byteOffset, byteLength)
}

const LENGTH_DELIMITED = 2
const WIRE_TYPES: Record<keyof ScalarTypes, number> = {
  int32: 0,
  int64: 0,
  double: 1,
  string: LENGTH_DELIMITED,
  bytes: LENGTH_DELIMITED,
  float: 5,
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
  if (type in SCHEMA) {
    writer.uint32((number << 3) | LENGTH_DELIMITED).fork()
    writeMessage(writer, type as MessageName, value as Record<string, unknown>)
    writer.ldelim()
    return
  }
  writer.uint32((number << 3) | WIRE_TYPES[type as keyof ScalarTypes])
  writeScalar(writer, type as keyof ScalarTypes, value)
}

function writePacked(writer: Writer, { number, type }: FieldInfo, values: number[]): void {
  if (values.length === 0) return
  writer.uint32((number << 3) | LENGTH_DELIMITED).fork()
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
