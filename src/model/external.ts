import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import { isInFolder } from '../lib/files.ts'
import { printableName } from '../lib/text.ts'
import { bytesOf } from './element-type.ts'
import { listTensors } from './graphs.ts'
import { findImpostor } from './regular-file.ts'
import type { OnnxModel, OnnxTensor } from './onnx.ts'
import { countValues, isExternal } from './tensor.ts'
import { Cursor, decodeMessage } from './proto/decode.ts'
import { delimited, replaceFields, type Patches } from './proto/encode.ts'

// Tensors may share a region of a file, so a small model could ask for any amount of memory.
const MOST_BYTES = 2 ** 31

/**
 * Loads values from external files into the model's tensors.
 * @param source path of the model
 * @throws ProvemarkError MODEL_UNREADABLE, MODEL_UNSUPPORTED
 */
export function loadExternal(model: OnnxModel, source: string): void {
  const read = makeReader(source)
  for (const tensor of listTensors(model)) {
    if (!isExternal(tensor)) continue
    tensor.raw_data = read(tensor)
    tensor.data_location = 0
    tensor.external_data = []
  }
}

/** Files with values of a model, by the paths in the model, sorted. Needs no payloads. */
export function listExternalFiles(model: OnnxModel): string[] {
  const external = listTensors(model).filter(isExternal)
  return [...new Set(external.map((tensor) => findPlace(tensor, 'model').location))].toSorted()
}

const RAW_DATA = 9
const EXTERNAL_DATA = 13
const DATA_LOCATION = 14

/** Like `loadExternal`, on the bytes of a model. */
export function patchExternal(source: string): Patches {
  const read = makeReader(source)
  return {
    TensorProto(bytes) {
      const tensor = decodeMessage('TensorProto', Cursor.overBytes(bytes), { headersOnly: true })
      if (!isExternal(tensor)) return undefined
      const values = delimited(RAW_DATA, [read(tensor)])
      return replaceFields(bytes, [RAW_DATA, EXTERNAL_DATA, DATA_LOCATION], values)
    },
  }
}

/** What is wrong with the files that contain a model's values, one line per file; the values are not read. */
export function checkExternal(model: OnnxModel, source: string): string[] {
  const problems = new Map<string, string>()
  for (const tensor of listTensors(model)) {
    if (!isExternal(tensor)) continue
    try {
      const place = findPlace(tensor, source)
      if (!problems.has(place.location)) closeSync(openPlace(place, source))
    } catch (error) {
      if (!(error instanceof ProvemarkError)) throw error
      const location = tensor.external_data.find(({ key }) => key === 'location')?.value ?? ''
      problems.set(location, error.message)
    }
  }
  return [...problems.values()]
}

/** Reads the values of one tensor after the other, up to the limit for one model. */
function makeReader(source: string): (tensor: OnnxTensor) => Uint8Array {
  let left = MOST_BYTES
  return (tensor) => {
    const place = findPlace(tensor, source)
    left -= place.length
    if (left >= 0) return readPlace(place, source)
    throw new ProvemarkError(
      'MODEL_UNSUPPORTED',
      `${source}: more than ${MOST_BYTES} bytes of external data`,
      { hint: 'use a smaller model' },
    )
  }
}

interface Place {
  location: string
  offset: number
  length: number
}

function findPlace({ name, dims, data_type, external_data }: OnnxTensor, source: string): Place {
  const what = `${source}: tensor ${printableName(name) || 'without a name'}`
  const entries = new Map(external_data.map(({ key, value }) => [key, value ?? '']))
  const location = entries.get('location') ?? ''
  const offset = parseCount(entries.get('offset') ?? '0')
  const stated = parseCount(entries.get('length') ?? '')
  const length = bytesOf(data_type, countValues(dims, what)) ?? stated
  if (location === '' || offset === undefined || length === undefined) {
    throw refuseExternal(`${what} does not say where its values are`)
  }
  if (entries.has('length') && stated !== length) {
    throw refuseExternal(`${what}: its shape needs ${length} bytes, ${entries.get('length')} are given`)
  }
  return { location, offset, length }
}

function parseCount(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function readPlace(place: Place, source: string): Uint8Array {
  const { location, offset, length } = place
  const fd = openPlace(place, source)
  try {
    const bytes = new Uint8Array(length)
    let filled = 0
    while (filled < length) {
      const count = readSync(fd, bytes, filled, length - filled, offset + filled)
      if (count === 0) throw refuseExternal(`${source}: ${printableName(location)} ended while it was read`)
      filled += count
    }
    return bytes
  } finally {
    closeSync(fd)
  }
}

/** Opens a regular file inside the folder that is large enough for the values. */
function openPlace({ location, offset, length }: Place, source: string): number {
  const fd = openExternal(location, source)
  try {
    const file = `${source}: ${printableName(location)}`
    const stats = fstatSync(fd)
    if (!stats.isFile()) throw refuseExternal(`${file} is not a regular file`)
    const impostor = length > 0 ? findImpostor(fd, stats.size) : undefined
    if (impostor) {
      const { what, hint } = impostor
      throw new ProvemarkError('MODEL_UNREADABLE', `${file} cannot be read as external data: ${what}`, {
        hint,
      })
    }
    if (offset + length > stats.size)
      throw refuseExternal(`${file} has ${stats.size} bytes, ${offset + length} are needed`)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/**
 * Opens a file that contains values of a model.
 * @param path of the model
 * @throws ProvemarkError MODEL_UNREADABLE
 */
export function openExternal(location: string, path: string): number {
  const target = locateExternal(location, path)
  try {
    return openSync(target, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

/**
 * Real path of a file that contains values of a model. An untrusted model must not read files elsewhere: absolute
 * paths, `..` and links that lead out of the folder are refused. If the model itself is a link, as in the cache of
 * Hugging Face, its data may be links into the real folder of the model, as in ONNX Runtime.
 * @param path of the model
 * @throws ProvemarkError MODEL_UNREADABLE
 */
export function locateExternal(location: string, path: string): string {
  if (isAbsolute(location) || location.split(/[\\/]/).includes('..') || location.includes('\0')) {
    throw refuseExternal(
      `${path}: external data at ${JSON.stringify(printableName(location))} is outside the model's folder`,
    )
  }
  try {
    const target = realpathSync(join(dirname(path), location))
    const folders = [realpathSync(dirname(path)), dirname(realpathSync(path))]
    if (!folders.some((folder) => isInFolder(target, folder))) {
      throw refuseExternal(
        `${path}: external data at ${printableName(location)} is a link that leads out of the model's folder`,
        {
          hint: `copy the folder without links, and use the model in the copy: cp -rL ${dirname(path)} COPY`,
        },
      )
    }
    return target
  } catch (cause) {
    if (cause instanceof ProvemarkError) throw cause
    throw unreadable(path, cause)
  }
}

function unreadable(path: string, cause: unknown): ProvemarkError {
  return refuseExternal(`${path}: external data cannot be read: ${printableName((cause as Error).message)}`, {
    cause,
  })
}

export function refuseExternal(
  message: string,
  options: { hint?: string; cause?: unknown } = {},
): ProvemarkError {
  const hint = "put the model's data files in the model's folder, as they were exported"
  return new ProvemarkError('MODEL_UNREADABLE', message, { hint, ...options })
}
