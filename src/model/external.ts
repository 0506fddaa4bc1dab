import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import type { OnnxGraph, OnnxModel, OnnxTensor } from './onnx.ts'
import { countValues, isExternal, widthOf } from './parameters.ts'

// Tensors may share a place in a file, so that a small model could ask for any amount of memory.
const MOST_BYTES = 2 ** 31

/**
 * Puts the values that stand in other files into the model's tensors. A model from a stranger must not read what
 * lies elsewhere: absolute paths, `..` and links that lead out of the folder are refused.
 * @param source what errors call the model, such as its path
 * @throws ProvemarkError MODEL_UNREADABLE, MODEL_UNSUPPORTED
 */
export function loadExternal(model: OnnxModel, folder: string, source: string): void {
  let left = MOST_BYTES
  for (const tensor of listTensors(model)) {
    if (!isExternal(tensor)) continue
    const place = findPlace(tensor, source)
    left -= place.length
    if (left < 0) {
      throw new ProvemarkError(
        'MODEL_UNSUPPORTED',
        `${source}: more than ${MOST_BYTES} bytes of external data`,
        {
          hint: 'use a smaller model',
        },
      )
    }
    tensor.raw_data = readPlace(place, folder, source)
    tensor.data_location = 0
    tensor.external_data = []
  }
}

function listTensors({ graph, functions }: OnnxModel): OnnxTensor[] {
  const tensors: OnnxTensor[] = []
  const visit = ({ initializer, node }: Pick<OnnxGraph, 'initializer' | 'node'>): void => {
    for (const tensor of initializer) tensors.push(tensor)
    for (const { attribute } of node) {
      for (const { t, g, graphs } of attribute) {
        if (t) tensors.push(t)
        for (const inner of g ? [g, ...graphs] : graphs) visit(inner)
      }
    }
  }
  if (graph) visit(graph)
  for (const { node } of functions) visit({ initializer: [], node })
  return tensors
}

interface Place {
  location: string
  offset: number
  length: number
}

function findPlace({ name, dims, data_type, external_data }: OnnxTensor, source: string): Place {
  const what = `${source}: tensor ${name || 'without a name'}`
  const entries = new Map(external_data.map(({ key, value }) => [key, value ?? '']))
  const location = entries.get('location') ?? ''
  const offset = parseCount(entries.get('offset') ?? '0')
  const stated = parseCount(entries.get('length') ?? '')
  const width = widthOf(data_type)
  const length = width === 0 ? stated : countValues(dims, what) * width
  if (location === '' || offset === undefined || length === undefined) {
    throw refuse(`${what} names no place in a file`)
  }
  if (entries.has('length') && stated !== length) {
    throw refuse(`${what}: its shape needs ${length} bytes, ${entries.get('length')} are given`)
  }
  return { location, offset, length }
}

function parseCount(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function readPlace({ location, offset, length }: Place, folder: string, source: string): Uint8Array {
  const fd = openInside(location, folder, source)
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile()) throw refuse(`${source}: ${location} is no regular file`)
    if (offset + length > stats.size) {
      throw refuse(`${source}: ${location} has ${stats.size} bytes, ${offset + length} are needed`)
    }
    const bytes = new Uint8Array(length)
    let filled = 0
    while (filled < length) {
      const count = readSync(fd, bytes, filled, length - filled, offset + filled)
      if (count === 0) throw refuse(`${source}: ${location} ended while it was read`)
      filled += count
    }
    return bytes
  } finally {
    closeSync(fd)
  }
}

function openInside(location: string, folder: string, source: string): number {
  if (isAbsolute(location) || location.split(/[\\/]/).includes('..') || location.includes('\0')) {
    throw refuse(`${source}: external data at ${JSON.stringify(location)} lies outside of the model's folder`)
  }
  try {
    const root = realpathSync(folder)
    const target = realpathSync(join(root, location))
    const inside = relative(root, target)
    if (isAbsolute(inside) || inside === '..' || inside.startsWith(`..${sep}`)) {
      throw refuse(`${source}: external data at ${location} is a link out of the model's folder`)
    }
    return openSync(target, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  } catch (error) {
    if (error instanceof ProvemarkError) throw error
    throw refuse(`${source}: external data cannot be read: ${(error as Error).message}`, error)
  }
}

function refuse(message: string, cause?: unknown): ProvemarkError {
  return new ProvemarkError('MODEL_UNREADABLE', message, {
    cause,
    hint: "put the model's data files into its own folder, as they were exported",
  })
}
