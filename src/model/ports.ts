import { ProvemarkError } from '../errors.ts'
import type { OnnxModel, OnnxValueInfo } from './onnx.ts'
import { sizeOf } from './shape.ts'

/** An input or an output of a model, every side known. */
export interface Port {
  name: string
  shape: number[]
}

/** As the file states it: a name or '?' stands for a side that is left open, null for a shape that is not stated. */
export interface OpenPort {
  name: string
  shape: (number | string)[] | null
}

/** The inputs that a caller has to give: before IR version 4, initializers stood among them too. */
export function listInputs({ graph }: OnnxModel): OpenPort[] {
  const stored = new Set(graph?.initializer.map(({ name }) => name))
  return (graph?.input ?? []).filter(({ name }) => !stored.has(name)).map(describePort)
}

export function listOutputs({ graph }: OnnxModel): OpenPort[] {
  return (graph?.output ?? []).map(describePort)
}

function describePort({ name = '', type }: OnnxValueInfo): OpenPort {
  const shape = type?.tensor_type?.shape?.dim.map(({ dim_value, dim_param }) => {
    // Some exporters write 0 or -1 for a side that is left open.
    return dim_value !== undefined && dim_value > 0 ? dim_value : dim_param || '?'
  })
  return { name, shape: shape ?? null }
}

/**
 * The inputs with an open batch side taken as 1.
 * @param source what errors call the model, such as its path
 * @throws ProvemarkError MODEL_UNSUPPORTED where another side is left open
 */
export function fixInputs(model: OnnxModel, source = 'the model'): Port[] {
  return listInputs(model).map(({ name, shape }) => {
    const fixed = shape?.map((side, axis) => (axis === 0 && typeof side === 'string' ? 1 : side))
    if (fixed?.every((side) => typeof side === 'number')) {
      requireSize(fixed, name, source)
      return { name, shape: fixed }
    }
    const given = shape ? `the open shape [${shape.join(', ')}]` : 'no shape'
    throw new ProvemarkError(
      'MODEL_UNSUPPORTED',
      `${source}: input ${name} has ${given}; only the first side, the batch, may be open`,
      {
        hint: 'export the model with fixed sides, or fix them with onnxruntime.tools.make_dynamic_shape_fixed',
      },
    )
  })
}

// Far above any model's input; a damaged size must not become an allocation.
const MOST_VALUES = 2 ** 24

function requireSize(shape: number[], name: string, source: string): void {
  const count = sizeOf(shape)
  if (count <= MOST_VALUES) return
  throw new ProvemarkError(
    'MODEL_UNSUPPORTED',
    `${source}: input ${name} [${shape.join(', ')}] has more than ${MOST_VALUES} values`,
    { hint: 'check the shape of the model that was exported' },
  )
}
