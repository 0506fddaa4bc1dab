import { readInt, readInts } from '../attributes.ts'
import type { Call } from './call.ts'
import type { Tensor } from './tensor.ts'
import { sizeOf } from '../shape.ts'

export function identity(call: Call): Tensor {
  return call.input(0)
}

/** Two axes: those before `axis` and the rest. */
export function flatten(call: Call): Tensor {
  const { dims, data } = call.input(0)
  const given = readInt(call.node, 'axis', 1)
  const axis = given < 0 ? given + dims.length : given
  if (axis < 0 || axis > dims.length) call.fail(`axis ${given} of ${dims.length} is not there`)
  return { dims: [sizeOf(dims.slice(0, axis)), sizeOf(dims.slice(axis))], data }
}

const MOST_AXES = 32

/** 0 keeps a side (unless `allowzero`), -1 takes what is left. */
export function reshape(call: Call): Tensor {
  const { dims, data } = call.input(0)
  // Before opset 5 the shape was an attribute.
  const wanted = [...(call.optional(1)?.data ?? readInts(call.node, 'shape', []))]
  if (wanted.length > MOST_AXES) call.fail(`a shape of ${wanted.length} sides`)
  const keepsZero = readInt(call.node, 'allowzero', 0) !== 0
  const shape = wanted.map((side, axis) => (side === 0 && !keepsZero ? (dims[axis] ?? 0) : side))
  const known = sizeOf(shape.filter((side) => side !== -1))
  const open = shape.indexOf(-1)
  if (open >= 0 && known !== 0) shape[open] = data.length / known
  if (sizeOf(shape) !== data.length || shape.some((side) => !(side >= 0) || !Number.isInteger(side))) {
    call.fail(`[${dims.join(', ')}] does not fit the shape [${wanted.join(', ')}]`)
  }
  return { dims: shape, data }
}
