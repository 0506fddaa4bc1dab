import { readInt, readInts, readText } from './graphs.ts'
import type { OnnxNode } from './onnx.ts'

/** Sides after a window: with explicit or computed pads (`auto_pad`), and for a pool with a partial last window. */
export function slide(node: OnnxNode, sides: readonly number[], kernel: readonly number[]): number[] {
  const { strides, pads, dilations, autoPad } = readWindow(node)
  const isCeil = node.op_type !== 'Conv' && readInt(node, 'ceil_mode', 0) === 1
  return sides.map((side, axis) => {
    const stride = strides[axis] ?? 1
    if (autoPad.startsWith('SAME')) return Math.ceil(side / stride)
    const [before = 0, after = 0] = autoPad === 'VALID' ? [] : [pads[axis], pads[axis + sides.length]]
    const reach = ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1
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
  const { strides, pads, dilations, autoPad } = readWindow(node)
  const extra = readInts(node, 'output_padding', [])
  return sides.map((side, axis) => {
    const stride = strides[axis] ?? 1
    if (autoPad.startsWith('SAME')) return side * stride
    const [before = 0, after = 0] = autoPad === 'VALID' ? [] : [pads[axis], pads[axis + sides.length]]
    const reach = ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1
    return (side - 1) * stride + (extra[axis] ?? 0) + reach - before - after
  })
}

function readWindow(node: OnnxNode) {
  return {
    strides: readInts(node, 'strides', []),
    pads: readInts(node, 'pads', []),
    dilations: readInts(node, 'dilations', []),
    autoPad: readText(node, 'auto_pad', 'NOTSET'),
  }
}
