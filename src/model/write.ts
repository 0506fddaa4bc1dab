import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { ProvemarkError } from '../errors.ts'
import { writeWhole } from '../lib/whole-file.ts'
import { readHeaders } from './file.ts'
import { encodeModel, PRODUCER, type OnnxModel } from './onnx.ts'
import { countParameters, sumParameters } from './parameters.ts'

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
