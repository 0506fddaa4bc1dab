import type { Call } from './call.ts'
import { readTensor, type Tensor } from './tensor.ts'

/** The value of a Constant node, in any of the forms that ONNX has for numbers. */
export function constant(call: Call): Tensor {
  for (const { name, t, f = 0, i = 0, floats, ints } of call.node.attribute) {
    if (name === 'value' && t) return readTensor(t)
    if (name === 'value_float') return { dims: [], data: Float32Array.of(f) }
    if (name === 'value_int') return { dims: [], data: Float64Array.of(i) }
    if (name === 'value_floats') return { dims: [floats.length], data: Float32Array.from(floats) }
    if (name === 'value_ints') return { dims: [ints.length], data: Float64Array.from(ints) }
  }
  return call.fail('its value is of no known form')
}
