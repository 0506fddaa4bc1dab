import { readSync } from 'node:fs'
import protobuf from 'protobufjs/minimal.js'
import type { Reader } from 'protobufjs/minimal.js'

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
      throw new DamageError(`a field of ${count} bytes where a short one belongs`, position)
    const window = Buffer.allocUnsafe(Math.min(Math.max(count, WINDOW_BYTES), this.size - position))
    const filled = readSync(this.#fd, window, 0, window.length, position)
    this.bytesRead += filled
    this.#windowStart = position
    this.reader = protobuf.Reader.create(window.subarray(0, filled))
  }

  skip(count: number): void {
    const target = this.position + count
    if (target > this.size)
      throw new DamageError(`a field ends ${target - this.size} bytes behind the end`, target)
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
