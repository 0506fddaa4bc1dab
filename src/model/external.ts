import { closeSync, fstatSync, readSync } from 'node:fs'
import { ProvemarkError } from '../errors.ts'
import { openExternal, refuseExternal } from './external-file.ts'
import type { OnnxGraph, OnnxModel, OnnxTensor } from './onnx.ts'
import { countValues, isExternal, widthOf } from './parameters.ts'

// Tensors may share a place in a file, so that a small model could ask for any amount of memory.
const MOST_BYTES = 2 ** 31

/**
 * Puts the values that stand in other files into the model's tensors.
 * @param source path of the model
 * @throws ProvemarkError MODEL_UNREADABLE, MODEL_UNSUPPORTED
 */
export function loadExternal(model: OnnxModel, source: string): void {
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
    tensor.raw_data = readPlace(place, source)
    tensor.data_location = 0
    tensor.external_data = []
  }
}

/** Files that hold values of a model, by the paths that it gives them, sorted. Needs no payloads. */
export function listExternalFiles(model: OnnxModel): string[] {
  const external = listTensors(model).filter(isExternal)
  return [...new Set(external.map((tensor) => findPlace(tensor, 'model').location))].toSorted()
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
    throw refuseExternal(`${what} names no place in a file`)
  }
  if (entries.has('length') && stated !== length) {
    throw refuseExternal(`${what}: its shape needs ${length} bytes, ${entries.get('length')} are given`)
  }
  return { location, offset, length }
}

function parseCount(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function readPlace({ location, offset, length }: Place, source: string): Uint8Array {
  const fd = openExternal(location, source)
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile()) throw refuseExternal(`${source}: ${location} is no regular file`)
    if (offset + length > stats.size) {
      throw refuseExternal(`${source}: ${location} has ${stats.size} bytes, ${offset + length} are needed`)
    }
    const bytes = new Uint8Array(length)
    let filled = 0
    while (filled < length) {
      const count = readSync(fd, bytes, filled, length - filled, offset + filled)
      if (count === 0) throw refuseExternal(`${source}: ${location} ended while it was read`)
      filled += count
    }
    return bytes
  } finally {
    closeSync(fd)
  }
}
