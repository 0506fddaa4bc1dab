import { elementType } from './element-type.ts'
import { readInt, readInts, readText } from './graphs.ts'
import type { OnnxNode, OnnxTensor } from './onnx.ts'
import { sizeOf } from './ports.ts'
import { readTensor } from './tensor.ts'

export type Shape = readonly number[]

/** A small tensor whose values do not depend on the model's inputs, such as the target of a Reshape. */
export interface Constant {
  dims: Shape
  /** Row-major. */
  values: readonly number[]
  isInteger: boolean
}

/** Shapes have few sides. Larger tensors hold weights. */
export const MAX_VALUES = 64

/** The values of a small tensor; undefined if the headers do not hold them. */
export function constantOf(tensor: OnnxTensor): Constant | undefined {
  const { dims, data_type } = tensor
  if (dims.some((side) => side < 0) || sizeOf(dims) > MAX_VALUES) return undefined
  try {
    const values = [...readTensor(tensor).data]
    return { dims, values, isInteger: elementType(data_type).kind !== 'float' }
  } catch {
    // Its values were not read with the headers, or are in another file.
    return undefined
  }
}

/** The value of a Constant node. */
export function constantOfNode({ attribute }: OnnxNode): Constant | undefined {
  const [one] = attribute
  if (one?.t) return constantOf(one.t)
  if (one?.name === 'value_int') return { dims: [], values: [one.i ?? 0], isInteger: true }
  if (one?.name === 'value_float') return { dims: [], values: [one.f ?? 0], isInteger: false }
  if (one?.name === 'value_ints') return { dims: [one.ints.length], values: one.ints, isInteger: true }
  if (one?.name === 'value_floats') return { dims: [one.floats.length], values: one.floats, isInteger: false }
  return undefined
}

/** What is known about a node's operands. */
export class NodeShapes {
  readonly node: OnnxNode
  readonly #shapes: ReadonlyMap<string, Shape>
  readonly #constants: ReadonlyMap<string, Constant>

  constructor(node: OnnxNode, shapes: ReadonlyMap<string, Shape>, constants: ReadonlyMap<string, Constant>) {
    this.node = node
    this.#shapes = shapes
    this.#constants = constants
  }

  /** Shape of an operand. */
  shape(index: number): Shape | undefined {
    return this.#shapes.get(this.node.input[index] ?? '')
  }

  /** Shapes of all operands; undefined unless all are known. */
  shapes(): readonly Shape[] | undefined {
    return allKnown(this.node.input.filter(Boolean).map((name) => this.#shapes.get(name)))
  }

  constant(index: number): Constant | undefined {
    return this.#constants.get(this.node.input[index] ?? '')
  }

  constants(): readonly Constant[] | undefined {
    return allKnown(this.node.input.filter(Boolean).map((name) => this.#constants.get(name)))
  }

  has(index: number): boolean {
    return Boolean(this.node.input[index])
  }

  /**
   * Integers that newer operator sets take as an operand, older ones as an attribute: null if there are none,
   * undefined if they are not known.
   */
  ints(index: number, attribute: string): readonly number[] | null | undefined {
    if (this.has(index)) return this.constant(index)?.values
    return this.node.attribute.some(({ name }) => name === attribute)
      ? readInts(this.node, attribute, [])
      : null
  }

  /** An axis attribute, counted from the front. */
  axis(rank: number, fallback: number): number {
    return fromFront(readInt(this.node, 'axis', fallback), rank)
  }
}

function allKnown<Value>(values: readonly (Value | undefined)[]): readonly Value[] | undefined {
  return values.every((value) => value !== undefined) ? values : undefined
}

/** An axis, counted from the front. */
export const fromFront = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis)

/** How many values of an axis a slice takes, and the index of the first. */
export function slicedRange(side: number, start: number, end: number, step: number) {
  const [low, high] = step > 0 ? [0, side] : [-1, side - 1]
  const clamp = (at: number) => Math.max(low, Math.min(high, at < 0 ? at + side : at))
  const begin = clamp(start)
  return { begin, count: begin < 0 ? 0 : Math.max(0, Math.ceil((clamp(end) - begin) / step)) }
}

/** Sides after a window: with explicit or computed pads (`auto_pad`), and for a pool with a partial last window. */
export function slide(node: OnnxNode, sides: readonly number[], kernel: readonly number[]): number[] {
  const isCeil = node.op_type !== 'Conv' && readInt(node, 'ceil_mode', 0) === 1
  return readWindows(node, sides, kernel).map(({ side, stride, before, after, reach, isSame }) => {
    if (isSame) return Math.ceil(side / stride)
    const steps = (side + before + after - reach) / stride
    const whole = (isCeil ? Math.ceil(steps) : Math.floor(steps)) + 1
    // A window that would start after the values, in the padding, is left out.
    const isBehind = isCeil && (whole - 1) * stride >= side + before
    return Math.max(1, isBehind ? whole - 1 : whole)
  })
}

/** Sides after a transposed window. */
export function spread(
  node: OnnxNode,
  sides: readonly number[],
  kernel: readonly number[],
): readonly number[] {
  const stated = readInts(node, 'output_shape', [])
  if (stated.length) return stated.slice(-sides.length)
  const extra = readInts(node, 'output_padding', [])
  return readWindows(node, sides, kernel).map(({ side, stride, before, after, reach, isSame }, axis) =>
    isSame ? side * stride : (side - 1) * stride + (extra[axis] ?? 0) + reach - before - after,
  )
}

/** The window of a node along each axis. */
function readWindows(node: OnnxNode, sides: readonly number[], kernel: readonly number[]) {
  const [strides, dilations] = [readInts(node, 'strides', []), readInts(node, 'dilations', [])]
  const autoPad = readText(node, 'auto_pad', 'NOTSET')
  const pads = autoPad === 'VALID' ? [] : readInts(node, 'pads', [])
  return sides.map((side, axis) => ({
    side,
    stride: strides[axis] ?? 1,
    before: pads[axis] ?? 0,
    after: pads[axis + sides.length] ?? 0,
    reach: ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1,
    isSame: autoPad.startsWith('SAME'),
  }))
}
