import { readSync } from 'node:fs'
import protobuf, { type Reader } from 'protobufjs/minimal.js'
import {
  type FieldInfo,
  fieldsOf,
  makeMessage,
  type Message,
  type MessageName,
  type ScalarTypes,
  SCHEMA,
  WIRE,
  wireTypeOf,
} from './schema.ts'

/** A damaged or malicious file, with a byte offset; becomes a ProvemarkError once the file's name is known. */
export class DamageError extends Error {
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

/**
 * A position in an encoded file. `reader` sees a window of it: all of it for bytes in memory, a few KB for an open
 * file, so that the payload of a tensor is skipped by seeking and never read.
 */
export class Cursor {
  reader: Reader
  readonly size: number
  /** Bytes read from the file so far. */
  bytesRead = 0
  #windowStart = 0
  readonly #fd: number | undefined

  private constructor(window: Uint8Array, size: number, fd?: number) {
    this.reader = protobuf.Reader.create(window)
    this.size = size
    this.#fd = fd
  }

  static overBytes(bytes: Uint8Array): Cursor {
    // Slices of a Buffer are Buffers, so a model is the same object whether it was read or made.
    return new Cursor(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), bytes.length)
  }

  static overFile(fd: number, size: number): Cursor {
    return new Cursor(new Uint8Array(0), size, fd)
  }

  get position(): number {
    return this.#windowStart + this.reader.pos
  }

  /** Makes sure that the next `count` bytes, or the rest of the file, can be read. */
  need(count: number): void {
    const { reader } = this
    if (this.#fd === undefined || reader.len - reader.pos >= count) return
    const { position } = this
    if (this.#windowStart + reader.len >= this.size) return
    if (count > LONGEST_FIELD)
      throw new DamageError(`a field of ${count} bytes where a short one is expected`, position)
    const window = Buffer.allocUnsafe(Math.min(Math.max(count, WINDOW_BYTES), this.size - position))
    const filled = readSync(this.#fd, window, 0, window.length, position)
    this.bytesRead += filled
    this.#windowStart = position
    this.reader = protobuf.Reader.create(window.subarray(0, filled))
  }

  skip(count: number): void {
    const target = this.position + count
    if (target > this.size)
      throw new DamageError(`a field ends ${target - this.size} bytes past the end`, target)
    this.reader.pos += count
    // A position outside the window: the next need() reads from here.
    if (this.reader.pos > this.reader.len) {
      this.#windowStart = target
      this.reader = protobuf.Reader.create(new Uint8Array(0))
    }
  }
}

const WINDOW_BYTES = 8 * 1024
const LONGEST_FIELD = 1024 * 1024

export interface DecodeOptions {
  /**
   * Skip the payloads of all but small tensors, such as shapes, so that only a few KB of a file of gigabytes are read.
   */
  headersOnly?: boolean
}

/**
 * Decodes one message that fills the cursor's file.
 * @throws DamageError if the bytes are not such a message, RangeError if they end too early
 */
export function decodeMessage<Name extends MessageName>(
  name: Name,
  cursor: Cursor,
  { headersOnly = false }: DecodeOptions = {},
): Message<Name> {
  return new Decoder(cursor, headersOnly).message(name, cursor.size, 0) as Message<Name>
}

// A message of two bytes becomes an object of hundreds of bytes, and graphs nest: both need a limit because of
// malicious files.
const MOST_MESSAGES = 1_000_000
const MOST_LIST_ITEMS = 16_000_000
const DEEPEST = 64
/** Enough for a shape or an axis as int64, and less than any weights worth skipping. */
const SMALL_PAYLOAD_BYTES = 256
/** Twice the longest tag, varint or fixed-width value: a tag and what follows it. */
const HEADER_BYTES = 20

class Decoder {
  readonly #cursor: Cursor
  readonly #headersOnly: boolean
  #messages = 0
  #items = 0

  constructor(cursor: Cursor, headersOnly: boolean) {
    this.#cursor = cursor
    this.#headersOnly = headersOnly
  }

  message(name: MessageName, end: number, depth: number): Record<string, unknown> {
    const cursor = this.#cursor
    if (depth > DEEPEST) throw new DamageError('graphs nested too deeply', cursor.position)
    if (++this.#messages > MOST_MESSAGES) throw new DamageError('too many parts', cursor.position)
    const fields = fieldsOf(name)
    const made = makeMessage(name) as Record<string, unknown>
    while (cursor.position < end) {
      cursor.need(HEADER_BYTES)
      const tag = cursor.reader.tag()
      const field = fields.get(tag >>> 3)
      if (tag >>> 3 === 0) throw new DamageError('a field with number 0', cursor.position)
      this.#field(made, field, tag & 7, end, depth)
    }
    if (cursor.position !== end)
      throw new DamageError(`a part that runs past its end (${name})`, cursor.position)
    return made
  }

  #field(
    made: Record<string, unknown>,
    field: FieldInfo | undefined,
    wire: number,
    end: number,
    depth: number,
  ) {
    const cursor = this.#cursor
    if (wire !== WIRE.delimited) {
      // protobuf treats a known field with another wire type as unknown.
      if (!field || wireTypeOf(field.type) !== wire || (this.#headersOnly && field.label === 'data'))
        this.#skip(wire)
      else this.#store(made, field, this.#scalar(field.type as keyof ScalarTypes))
      return
    }
    const length = cursor.reader.size()
    if (cursor.position + length > end) {
      throw new DamageError(
        `a length of ${length} bytes where ${end - cursor.position} are left`,
        cursor.position,
      )
    }
    if (!field || (this.#headersOnly && isPayload(field) && length > SMALL_PAYLOAD_BYTES)) cursor.skip(length)
    else if (field.type in SCHEMA) {
      this.#store(made, field, this.message(field.type as MessageName, cursor.position + length, depth + 1))
    } else if (field.type === 'string' || field.type === 'bytes') {
      this.#store(made, field, this.#text(field, length))
    } else if (field.label === 'one') cursor.skip(length)
    else this.#packed(made[field.name] as number[], field.type as keyof ScalarTypes, cursor.position + length)
  }

  #store(made: Record<string, unknown>, field: FieldInfo, value: unknown): void {
    if (field.label === 'one') made[field.name] = value
    else this.#push(made[field.name] as unknown[], value)
  }

  #push(list: unknown[], value: unknown): void {
    if (++this.#items > MOST_LIST_ITEMS && this.#headersOnly) {
      throw new DamageError('too many values outside of tensors', this.#cursor.position)
    }
    list.push(value)
  }

  #packed(list: number[], type: keyof ScalarTypes, end: number): void {
    const cursor = this.#cursor
    while (cursor.position < end) {
      cursor.need(HEADER_BYTES)
      this.#push(list, this.#scalar(type))
    }
    if (cursor.position !== end) throw new DamageError('a list that runs past its end', cursor.position)
  }

  #scalar(type: keyof ScalarTypes): number {
    const { reader } = this.#cursor
    if (type === 'float') return reader.float()
    if (type === 'double') return reader.double()
    if (type === 'int32') return reader.int32()
    const first = reader.buf[reader.pos]!
    // Most dims and attributes fit in one byte: no 64-bit object for those.
    return reader.pos < reader.len && first < 0x80 ? reader.uint32() : Number(reader.int64())
  }

  #text(field: FieldInfo, length: number): string | Uint8Array {
    const cursor = this.#cursor
    cursor.need(length)
    const { reader } = cursor
    const start = reader.pos
    if (start + length > reader.len) throw new RangeError('the file ends inside a field')
    reader.pos += length
    const bytes = reader.buf.subarray(start, start + length)
    // A view would keep the whole window of the file.
    return field.type === 'string' ? utf8.decode(bytes) : this.#headersOnly ? bytes.slice() : bytes
  }

  #skip(wire: number): void {
    const cursor = this.#cursor
    if (wire === WIRE.varint) cursor.reader.int64()
    else if (wire === WIRE.fixed64) cursor.skip(8)
    else if (wire === WIRE.fixed32) cursor.skip(4)
    else throw new DamageError(`a field of wire type ${wire}`, cursor.position)
  }
}

const isPayload = ({ label, name }: FieldInfo) => label === 'data' || name === 'raw_data'

const utf8 = new TextDecoder()
