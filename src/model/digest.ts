import { createHash } from 'node:crypto'
import { closeSync, fstatSync } from 'node:fs'
import { digestFile, digestOpenFile } from '../file-digest.ts'
import { listExternalFiles } from './external.ts'
import { openExternal, refuseExternal } from './external-file.ts'
import { readHeaders } from './file.ts'
import type { OnnxModel } from './onnx.ts'

/**
 * SHA-256 of a model, hex: that of its file, or where values stand in other files, of a list of all files with the
 * SHA-256 of each. Which part of a file a tensor takes is said in the model's own.
 * @param headers of the model, where they have been read
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
    if (!fstatSync(fd).isFile()) throw refuseExternal(`${path}: ${location} is no regular file`)
    return await digestOpenFile(fd)
  } finally {
    closeSync(fd)
  }
}
