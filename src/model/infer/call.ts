import { ProvemarkError } from '../../errors.ts'
import type { OnnxNode } from '../onnx.ts'
import type { Tensor } from './tensor.ts'
import { sizeOf } from '../shape.ts'

/** What a model may cost, so that a damaged size ends in an error and not in hours of work or no memory. */
export class Allowance {
  #steps: number
  #values = MOST_VALUES

  constructor(steps: number) {
    this.#steps = steps
  }

  /** Whether `values` more results of `stepsPerValue` multiplications each are allowed. */
  spend(values: number, stepsPerValue: number): boolean {
    this.#values -= values
    this.#steps -= values * stepsPerValue
    return this.#values >= 0 && this.#steps >= 0
  }
}

// Results of all nodes together: 256 MB of float32.
const MOST_VALUES = 2 ** 26

/** One node at work: its attributes, its inputs and the errors that name it. */
export class Call {
  readonly node: OnnxNode
  /** Version of the default operator set. */
  readonly opset: number
  readonly #inputs: readonly (Tensor | undefined)[]
  readonly #allowance: Allowance

  constructor(node: OnnxNode, opset: number, inputs: readonly (Tensor | undefined)[], allowance: Allowance) {
    this.node = node
    this.opset = opset
    this.#inputs = inputs
    this.#allowance = allowance
  }

  input(index: number): Tensor {
    return this.#inputs[index] ?? this.fail(`input ${index} is missing`)
  }

  optional(index: number): Tensor | undefined {
    return this.#inputs[index]
  }

  /** A result of zeros: float32 where one of the inputs is, at the price of `stepsPerValue` for each value. */
  allocate(dims: readonly number[], stepsPerValue = 1): Tensor {
    const count = sizeOf(dims)
    if (!this.#allowance.spend(count, stepsPerValue + 1)) {
      this.fail(`its output [${dims.join(', ')}] is more than the reference inference takes on`)
    }
    const single = this.#inputs.some((tensor) => tensor?.data instanceof Float32Array)
    return { dims, data: single ? new Float32Array(count) : new Float64Array(count) }
  }

  fail(what: string): never {
    const { name, op_type, output } = this.node
    throw new ProvemarkError('MODEL_UNSUPPORTED', `node ${name || output[0] || '?'} (${op_type}): ${what}`, {
      hint: 'check the model with python -m onnx.checker; docs/models.md lists what the reference inference knows',
    })
  }
}
