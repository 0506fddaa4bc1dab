import { readFloat, readInt } from '../attributes.ts'
import { broadcastShapes, makeIndexer } from './broadcast.ts'
import type { Call } from './call.ts'
import type { Tensor } from './tensor.ts'
import { sizeOf } from '../shape.ts'

function mapValues(call: Call, change: (value: number) => number): Tensor {
  const input = call.input(0)
  const output = call.allocate(input.dims)
  for (let index = 0; index < output.data.length; index++) output.data[index] = change(input.data[index]!)
  return output
}

export function relu(call: Call): Tensor {
  return mapValues(call, (value) => (value < 0 ? 0 : value))
}

export function sigmoid(call: Call): Tensor {
  return mapValues(call, (value) => 1 / (1 + Math.exp(-value)))
}

const CLIP_INPUTS_SINCE = 11

/** Bounds stand in attributes before opset 11, in inputs since. */
export function clip(call: Call): Tensor {
  const inInputs = call.opset >= CLIP_INPUTS_SINCE
  const low = inInputs ? call.optional(1)?.data[0] : readFloat(call.node, 'min', -Infinity)
  const high = inInputs ? call.optional(2)?.data[0] : readFloat(call.node, 'max', Infinity)
  return mapValues(call, (value) => Math.min(Math.max(value, low ?? -Infinity), high ?? Infinity))
}

export function add(call: Call): Tensor {
  const a = call.input(0)
  const b = call.input(1)
  const dims = broadcastShapes(a.dims, b.dims)
  if (!dims) return call.fail(`[${a.dims.join(', ')}] and [${b.dims.join(', ')}] cannot be added`)
  const output = call.allocate(dims)
  const indexA = makeIndexer(a.dims, dims)
  const indexB = makeIndexer(b.dims, dims)
  for (let index = 0; index < output.data.length; index++) {
    output.data[index] = a.data[indexA(index)]! + b.data[indexB(index)]!
  }
  return output
}

/** Over N x C x …, with the statistics of training: one scale, bias, mean and variance for each channel. */
export function batchNormalization(call: Call): Tensor {
  const input = call.input(0)
  const channels = input.dims[1] ?? call.fail('an input of N x C x … is expected')
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((index) => {
    const { data } = call.input(index)
    return data.length === channels
      ? data
      : call.fail(`input ${index} has ${data.length} values for ${channels} channels`)
  }) as [Tensor['data'], Tensor['data'], Tensor['data'], Tensor['data']]
  if (readInt(call.node, 'training_mode', 0) !== 0) call.fail('training_mode is not known here')
  const epsilon = readFloat(call.node, 'epsilon', 1e-5)
  const output = call.allocate(input.dims)
  const plane = sizeOf(input.dims.slice(2))
  for (let index = 0; index < output.data.length; index++) {
    const channel = Math.floor(index / plane) % channels
    const factor = scale[channel]! / Math.sqrt(variance[channel]! + epsilon)
    output.data[index] = (input.data[index]! - mean[channel]!) * factor + bias[channel]!
  }
  return output
}

const SOFTMAX_ONE_AXIS_SINCE = 13

/** Over one axis (the last by default) since opset 13; before, over all axes from `axis` (1 by default) on. */
export function softmax(call: Call): Tensor {
  const input = call.input(0)
  const rank = input.dims.length
  const oneAxis = call.opset >= SOFTMAX_ONE_AXIS_SINCE
  const given = readInt(call.node, 'axis', oneAxis ? -1 : 1)
  const axis = given < 0 ? given + rank : given
  if (axis < 0 || axis >= rank) call.fail(`axis ${given} of ${rank} is not there`)
  const length = oneAxis ? input.dims[axis]! : sizeOf(input.dims.slice(axis))
  const stride = oneAxis ? sizeOf(input.dims.slice(axis + 1)) : 1
  const output = call.allocate(input.dims)
  for (let index = 0; index < output.data.length; index++) {
    // The first value of each group does the work for all of it.
    if (Math.floor(index / stride) % length === 0) normalize(input.data, output.data, index, length, stride)
  }
  return output
}

function normalize(
  from: Tensor['data'],
  to: Tensor['data'],
  start: number,
  length: number,
  stride: number,
): void {
  let largest = -Infinity
  for (let k = 0; k < length; k++) largest = Math.max(largest, from[start + k * stride]!)
  let sum = 0
  for (let k = 0; k < length; k++) sum += Math.exp(from[start + k * stride]! - largest)
  for (let k = 0; k < length; k++)
    to[start + k * stride] = Math.exp(from[start + k * stride]! - largest) / sum
}
