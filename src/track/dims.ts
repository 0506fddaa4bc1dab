import { z } from 'zod'
import { readHeaders } from '../model/file.ts'
import type { OnnxModel } from '../model/onnx.ts'
import { listSideNames, refuseUnused, type Dims } from '../model/sides.ts'

/** Option that gives sizes to the sides that a model's file leaves open. */
export const dimsSchema = z.record(z.string().min(1), z.number().int().min(1)).default({}).meta({
  description:
    'sizes of open dimensions of a model: seq_len=64, or tokens:1=64 for a dimension without a name',
  expected: 'NAME=SIZE or INPUT:AXIS=SIZE, SIZE an integer of at least 1',
  flag: 'dim',
  merged: true,
})

/**
 * The sizes that each file needs; undefined where it needs none.
 * @throws ProvemarkError CONFIG_INVALID for a side that no file leaves open
 */
export function dimsByFile(files: readonly string[], dims: Dims): (Dims | undefined)[] {
  if (!Object.keys(dims).length) return files.map(() => undefined)
  const models = files.map((path) => ({ path, model: openModel(path) }))
  const readable = models.flatMap(({ path, model }) => (model ? [{ path, model }] : []))
  if (readable.length) refuseUnused(dims, readable)
  return models.map(({ model }) => {
    const known = new Set(model ? listSideNames(model) : [])
    const own = Object.entries(dims).filter(([name]) => known.has(name))
    return own.length ? Object.fromEntries(own) : undefined
  })
}

/** As the flag takes them, in alphabetical order. */
export function formatDims(dims: Dims): string {
  return Object.entries(dims)
    .map(([name, size]) => `${name}=${size}`)
    .toSorted()
    .join(',')
}

/** A model that cannot be read fails its own point. */
function openModel(path: string): OnnxModel | undefined {
  try {
    return readHeaders(path).model
  } catch {
    return undefined
  }
}
