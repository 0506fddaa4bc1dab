import { readInt, readInts, readString } from '../attributes.ts'
import type { Call } from './call.ts'

/** A kernel sliding along one spatial axis. */
export interface Axis {
  input: number
  output: number
  kernel: number
  stride: number
  dilation: number
  padBegin: number
  padEnd: number
}

/**
 * Height and width of a Conv or pool by the rules of ONNX, from its attributes.
 * @param kernel sides of the kernel, which a Conv may take from its weights
 */
export function slideWindow(call: Call, input: readonly number[], kernel: readonly number[]): [Axis, Axis] {
  const { node } = call
  const strides = readInts(node, 'strides', [1, 1])
  const dilations = readInts(node, 'dilations', [1, 1])
  const pads = readInts(node, 'pads', [0, 0, 0, 0])
  if (kernel.length !== 2 || strides.length !== 2 || dilations.length !== 2 || pads.length !== 4) {
    call.fail(`two spatial axes are expected, kernel [${kernel.join(', ')}] given`)
  }
  if ([...kernel, ...strides, ...dilations].some((size) => size < 1) || pads.some((pad) => pad < 0)) {
    call.fail('kernel, strides and dilations of at least 1 and pads of at least 0 are expected')
  }
  const autoPad = readString(node, 'auto_pad', 'NOTSET')
  const roundUp = readInt(node, 'ceil_mode', 0) === 1
  const slide = (axis: 0 | 1): Axis => {
    const shape = {
      input: input[axis]!,
      kernel: kernel[axis]!,
      stride: strides[axis]!,
      dilation: dilations[axis]!,
    }
    const padded =
      autoPad === 'NOTSET'
        ? { padBegin: pads[axis]!, padEnd: pads[axis + 2]! }
        : padAlone(call, autoPad, shape)
    const output = countPlaces({ ...shape, ...padded }, roundUp)
    return output >= 1
      ? { ...shape, ...padded, output }
      : call.fail('its kernel is larger than its padded input')
  }
  return [slide(0), slide(1)]
}

type Shape = Pick<Axis, 'input' | 'kernel' | 'stride' | 'dilation'>
type Padded = Shape & Pick<Axis, 'padBegin' | 'padEnd'>

function reachOf({ kernel, dilation }: Shape): number {
  return (kernel - 1) * dilation + 1
}

function padAlone(call: Call, autoPad: string, shape: Shape): Pick<Axis, 'padBegin' | 'padEnd'> {
  if (autoPad === 'VALID') return { padBegin: 0, padEnd: 0 }
  if (autoPad !== 'SAME_UPPER' && autoPad !== 'SAME_LOWER') call.fail(`unknown auto_pad ${autoPad}`)
  const output = Math.ceil(shape.input / shape.stride)
  const total = Math.max(0, (output - 1) * shape.stride + reachOf(shape) - shape.input)
  const less = Math.floor(total / 2)
  return autoPad === 'SAME_UPPER'
    ? { padBegin: less, padEnd: total - less }
    : { padBegin: total - less, padEnd: less }
}

function countPlaces(shape: Padded, roundUp: boolean): number {
  const steps = (shape.input + shape.padBegin + shape.padEnd - reachOf(shape)) / shape.stride
  if (!roundUp) return Math.floor(steps) + 1
  const places = Math.ceil(steps) + 1
  // Rounding up may not add a window that starts in the padding behind the input.
  return (places - 1) * shape.stride >= shape.input + shape.padBegin ? places - 1 : places
}

/** First and one past the last kernel position of a place that lie on the input, not on padding. */
export function clipKernel(axis: Axis, place: number): { first: number; end: number; start: number } {
  const start = place * axis.stride - axis.padBegin
  const first = start < 0 ? Math.ceil(-start / axis.dilation) : 0
  const end = Math.min(axis.kernel, Math.ceil((axis.input - start) / axis.dilation))
  return { first, end, start }
}
