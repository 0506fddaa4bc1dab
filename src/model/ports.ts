import { ProvemarkError } from '../errors.ts'
import { printableName } from '../lib/text.ts'
import { elementType } from './element-type.ts'
import type { OnnxModel, OnnxValueInfo } from './onnx.ts'
import { fixSides, flagFor, listOpenSides, planSides, resolveSide, type Dims } from './sides.ts'

/** An input or an output of a model with all sides known. */
export interface Port {
  name: string
  shape: number[]
  /** Element type: `float32`, `int64`, `bool`, …; absent: float32. */
  type?: string
}

/** Values of one input or output, row-major; float64 holds float64, integers up to 2^53, and 0 and 1 for booleans. */
export type Values = Float32Array | Float64Array

export interface PortValues extends Port {
  values: Values
}

/** Number of values of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1)
}

/** As stated in the file: a name or '?' for an open side, null for a shape that is not given. */
export interface OpenPort {
  name: string
  shape: (number | string)[] | null
  type: string
}

/** The inputs that a caller has to give: before IR version 4, initializers were also listed as inputs. */
export function listInputs({ graph }: OnnxModel): OpenPort[] {
  const stored = new Set([
    ...(graph?.initializer.map(({ name }) => name) ?? []),
    ...(graph?.sparse_initializer.map(({ values }) => values?.name) ?? []),
  ])
  return (graph?.input ?? []).filter(({ name }) => !stored.has(name)).map(describePort)
}

export function listOutputs({ graph }: OnnxModel): OpenPort[] {
  return (graph?.output ?? []).map(describePort)
}

/** A value of a graph as the file states it. */
export function describePort({ name = '', type }: OnnxValueInfo): OpenPort {
  const shape = type?.tensor_type?.shape?.dim.map(({ dim_value, dim_param }) => {
    // Some exporters write 0 or -1 for an open side.
    return dim_value !== undefined && dim_value > 0 ? dim_value : dim_param || '?'
  })
  return { name, shape: shape ?? null, type: describeType(type) }
}

function describeType(type: OnnxValueInfo['type']): string {
  if (type?.sequence_type) return `sequence(${describeType(type.sequence_type.elem_type)})`
  if (type?.optional_type) return `optional(${describeType(type.optional_type.elem_type)})`
  const { map_type: map, sparse_tensor_type: sparse } = type ?? {}
  if (map) return `map(${elementType(map.key_type).name}, ${describeType(map.value_type)})`
  return sparse
    ? `sparse(${elementType(sparse.elem_type).name})`
    : elementType(type?.tensor_type?.elem_type).name
}

/**
 * The inputs with their open sides fixed: the batch is 1, others must be given.
 * @param source name of the model in errors, such as its path
 * @throws ProvemarkError MODEL_UNSUPPORTED if a side stays open
 */
export function fixInputs(model: OnnxModel, source = 'the model', dims: Dims = {}): Port[] {
  const inputs = listInputs(model)
  const sides = planSides(inputs, dims)
  return inputs.map((input) => {
    const { name, type } = input
    const shape = fixSides(input, sides)
    if (!shape?.every((side) => side !== undefined)) {
      const open = listOpenSides([input]).filter((side) => resolveSide(sides, side) === undefined)
      return refuseInput(source, input, open)
    }
    requireSize(shape, name, source)
    return { name, shape, type }
  })
}

function refuseInput(
  source: string,
  { name, shape, type }: OpenPort,
  open: ReturnType<typeof listOpenSides>,
): never {
  const what = shape ? `the open shape [${shape.map(showSide).join(', ')}]` : `no shape (it is a ${type})`
  const rest = shape ? '; only the first dimension, the batch, defaults to 1' : ''
  throw new ProvemarkError(
    'MODEL_UNSUPPORTED',
    `${source}: input ${printableName(name)} has ${what}${rest}`,
    {
      hint: open.length
        ? `fix it: ${[...new Set(open.map(flagFor))].join(' ')}; or export the model with fixed dimensions`
        : 'export the model with a tensor of a stated shape as its input',
    },
  )
}

const showSide = (side: number | string) => (typeof side === 'string' ? printableName(side) : side)

// Far above any model's input; a damaged size must not become an allocation.
const MOST_VALUES = 2 ** 24

function requireSize(shape: number[], name: string, source: string): void {
  const count = sizeOf(shape)
  if (count <= MOST_VALUES) return
  throw new ProvemarkError(
    'MODEL_UNSUPPORTED',
    `${source}: input ${printableName(name)} [${shape.join(', ')}] has more than ${MOST_VALUES} values`,
    { hint: 'check the shape that the model was exported with' },
  )
}
