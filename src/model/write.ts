import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { ProvemarkError } from '../errors.ts'
import { writeWhole } from '../lib/whole-file.ts'
import { patchExternal } from './external.ts'
import { readHeaders, readModelBytes } from './file.ts'
import { listTensors } from './graphs.ts'
import { encodeModel, PRODUCER, type OnnxModel } from './onnx.ts'
import { countParameters, sumParameters } from './summary.ts'
import { isExternal } from './tensor.ts'
import { listInputs } from './ports.ts'
import { patchMessage } from './proto/encode.ts'
import { listOpenSides, patchSides, planSides, type Dims } from './sides.ts'

// protobuf's limit for one message, less some room for nodes and names.
const MOST_VALUE_BYTES = 2 ** 31 - 2 ** 26

export interface WrittenModel {
  path: string
  /** SHA-256 of the file, hex. */
  sha256: string
  param_count: number
}

/**
 * Writes a model completely or not at all, and makes folders as needed. A file that already has these bytes is left
 * alone; another one is replaced only if provemark made it.
 * @throws ProvemarkError FILE_EXISTS for a file that provemark did not make, FILE_UNWRITABLE
 */
export function writeModel(path: string, model: OnnxModel): WrittenModel {
  const bytes = encodeModel(model)
  if (!holdsBytes(path, bytes)) {
    refuseForeign(path)
    writeWhole(path, bytes)
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { path, sha256, param_count: sumParameters(countParameters(model)) }
}

/**
 * Writes provemark's copy of a model, whoever made the model; a file that already has these bytes is left alone.
 * @throws ProvemarkError FILE_UNWRITABLE
 */
export function writeCopy(path: string, bytes: Uint8Array): string {
  if (!holdsBytes(path, bytes)) writeWhole(path, bytes)
  return path
}

/**
 * The bytes of a model in the form that every prover reads: all values in one file, and open sides fixed, an open
 * batch to 1. Everything else is unchanged, byte by byte. Undefined if the file already has this form, or is too
 * large for a copy.
 * @param headers of the file at `path`, as they were read
 * @throws ProvemarkError MODEL_UNREADABLE; MODEL_UNSUPPORTED if `dims` need a copy that would be too large
 */
export function makeWhole(path: string, headers: OnnxModel, dims: Dims = {}): Uint8Array | undefined {
  const inputs = listInputs(headers)
  const isWhole = !listTensors(headers).some(isExternal) && listOpenSides(inputs).length === 0
  if (isWhole) return undefined
  if (countBytes(headers) > MOST_VALUE_BYTES) {
    if (Object.keys(dims).length === 0) return undefined
    throw new ProvemarkError(
      'MODEL_UNSUPPORTED',
      `${path}: its values are too large for a copy with fixed dimensions`,
      { hint: 'export the model with fixed dimensions' },
    )
  }
  const bytes = readModelBytes(path)
  const pieces = patchMessage('ModelProto', bytes, {
    ...patchExternal(path),
    ...patchSides(planSides(inputs, dims)),
  })
  return pieces && Buffer.concat(pieces)
}

function countBytes(headers: OnnxModel): number {
  return Object.values(countParameters(headers)).reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Whether a regular file exists, can be read and has exactly these bytes. */
export function holdsBytes(path: string, bytes: Uint8Array): boolean {
  try {
    const stats = statSync(path)
    return stats.isFile() && stats.size === bytes.length && readFileSync(path).equals(bytes)
  } catch {
    return false
  }
}

function refuseForeign(path: string): void {
  if (!existsSync(path) || isOwn(path)) return
  throw new ProvemarkError('FILE_EXISTS', `${path} already exists and was not made by provemark`, {
    hint: 'move it, or choose another path',
  })
}

function isOwn(path: string): boolean {
  try {
    return readHeaders(path).model.producer_name === PRODUCER
  } catch {
    return false
  }
}
