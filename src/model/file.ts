import { createHash } from 'node:crypto'
import { closeSync, fstatSync, readFileSync } from 'node:fs'
import { ProvemarkError } from '../errors.ts'
import { digestFile, digestOpenFile } from '../lib/files.ts'
import { listExternalFiles, loadExternal, openExternal, refuseExternal } from './external.ts'
import { withRegularFile } from './regular-file.ts'
import { decodeFrom, type OnnxModel, decodeModel } from './onnx.ts'
import { Cursor } from './proto/decode.ts'

export interface ModelHeaders {
  /** The model without the payloads of its tensors. */
  model: OnnxModel
  /** Size of the file. */
  bytes: number
  /** How much of it was read. */
  bytesRead: number
}

/**
 * Reads an ONNX file without the payloads of its tensors, which are skipped by seeking.
 * @throws ProvemarkError MODEL_UNREADABLE
 */
export function readHeaders(path: string): ModelHeaders {
  return withFile(path, (fd, bytes) => {
    const cursor = Cursor.overFile(fd, bytes)
    const model = decodeFrom(cursor, path, { headersOnly: true })
    return { model, bytes, bytesRead: cursor.bytesRead }
  })
}

/** Like `readHeaders`, for the bytes of a file. */
export function decodeHeaders(bytes: Uint8Array, source: string): OnnxModel {
  return decodeFrom(Cursor.overBytes(bytes), source, { headersOnly: true })
}

/**
 * All bytes of a regular file of at most `limit` bytes.
 * @throws ProvemarkError MODEL_UNREADABLE
 */
export function readModelBytes(path: string, limit = LARGEST_MESSAGE_BYTES): Uint8Array {
  return withFile(path, (fd, bytes) => {
    if (bytes <= limit) return readFileSync(fd)
    throw unreadable(path, `it has ${bytes} bytes, and an ONNX file has at most ${limit}`)
  })
}

// protobuf's own limit.
const LARGEST_MESSAGE_BYTES = 2 ** 31 - 1

function withFile<Result>(path: string, use: (fd: number, bytes: number) => Result): Result {
  return withRegularFile(path, (what, options) => unreadable(path, what, options), use)
}

function unreadable(
  path: string,
  what: string,
  { cause, hint }: { cause?: unknown; hint?: string | undefined } = {},
): ProvemarkError {
  return new ProvemarkError('MODEL_UNREADABLE', `${path} cannot be read: ${what}`, {
    cause,
    hint: hint ?? 'pass the path of a readable ONNX file',
  })
}

/**
 * Reads an ONNX file with its external data, which must be in the file's folder or below.
 * @throws ProvemarkError MODEL_UNREADABLE, MODEL_UNSUPPORTED
 */
export function readModel(path: string): OnnxModel {
  const model = decodeModel(readModelBytes(path), path)
  loadExternal(model, path)
  return model
}

/**
 * SHA-256 of a model, hex: that of its file, or with external data, of a list of all files with the SHA-256 of each.
 * The model's own digest covers which part of a file each tensor uses.
 * @param headers of the model, if they have been read
 * @throws ProvemarkError MODEL_UNREADABLE
 */
export async function digestModel(path: string, headers?: OnnxModel): Promise<string> {
  const own = await digestFile(path)
  const locations = listExternalFiles(headers ?? readHeaders(path).model)
  if (!locations.length) return own
  const hash = createHash('sha256').update(`${own}\n`)
  for (const location of locations) hash.update(`${await digestExternal(location, path)}  ${location}\n`)
  return hash.digest('hex')
}

async function digestExternal(location: string, path: string): Promise<string> {
  const fd = openExternal(location, path)
  try {
    if (!fstatSync(fd).isFile()) throw refuseExternal(`${path}: ${location} is not a regular file`)
    return await digestOpenFile(fd)
  } finally {
    closeSync(fd)
  }
}
