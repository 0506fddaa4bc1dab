import { ProvemarkError } from '../errors.ts'
import { printableName } from '../lib/text.ts'
import type { OnnxModel, OnnxValueInfo } from './onnx.ts'
import { Cursor, decodeMessage } from './proto/decode.ts'
import { patchMessage, replaceFields, varint, type Patches } from './proto/encode.ts'

/** The relevant part of an input: a name or `?` stands for an open side. */
interface OpenPort {
  name: string
  shape: readonly (number | string)[] | null
}

/** Values for open sides, by the side's name (`seq_len`) or by its place (`tokens:1`). */
export type Dims = Readonly<Record<string, number>>

/** The known values for the open sides of a model's inputs. */
export interface Sides {
  /** By the name of the side, wherever it occurs. */
  names: ReadonlyMap<string, number>
  /** By input and axis, `tokens:1`, for sides without a name. */
  places: ReadonlyMap<string, number>
}

/** Shown for a side without a name. */
const UNNAMED = '?'

/**
 * Open sides as fixed by the user. An open first side, the batch, is 1, unless only `given` sides are wanted.
 * @throws ProvemarkError CONFIG_INVALID if one name is given two values
 */
export function planSides(
  inputs: readonly OpenPort[],
  dims: Dims = {},
  which: 'all' | 'given' = 'all',
): Sides {
  const open = listOpenSides(inputs)
  const names = new Map(Object.entries(dims))
  const places = new Map<string, number>()
  for (const { side, place } of open) {
    const given = dims[place]
    if (given === undefined) continue
    if (side === UNNAMED) places.set(place, given)
    else if ((names.get(side) ?? given) === given) names.set(side, given)
    else {
      throw new ProvemarkError(
        'CONFIG_INVALID',
        `dims: ${printableName(place)} is ${given}, and its name ${printableName(side)} stands for ${names.get(side)}`,
        { hint: 'give one value for each name' },
      )
    }
  }
  for (const { side, place, axis } of which === 'all' ? open : []) {
    if (axis !== 0 || names.has(side)) continue
    if (side === UNNAMED) places.set(place, places.get(place) ?? 1)
    else if (!open.some((other) => other.side === side && other.axis > 0)) names.set(side, 1)
  }
  return { names, places }
}

interface OpenSide {
  /** Its name, or `?`. */
  side: string
  /** `tokens:1` */
  place: string
  axis: number
}

/** Open sides of inputs in the file. */
export function listOpenSides(inputs: readonly OpenPort[]): OpenSide[] {
  return inputs.flatMap(({ name, shape }) =>
    (shape ?? []).flatMap((side, axis) =>
      typeof side === 'string' ? [{ side, place: `${name}:${axis}`, axis }] : [],
    ),
  )
}

/**
 * Refuses values for sides that no model leaves open.
 * @throws ProvemarkError CONFIG_INVALID
 */
export function refuseUnused(dims: Dims, models: readonly { path: string; model: OnnxModel }[]): void {
  const known = new Set(models.flatMap(({ model }) => listSideNames(model)))
  const unused = Object.keys(dims).filter((name) => !known.has(name))
  if (!unused.length) return
  const where = models.length === 1 ? models[0]!.path : 'none of the models'
  const names = [...known].map(printableName)
  throw new ProvemarkError(
    'CONFIG_INVALID',
    `--dim ${unused.map(printableName).join(', ')}: ${where} ${models.length === 1 ? 'has no such open dimension' : 'has such an open dimension'}`,
    { hint: names.length ? `open dimensions: ${names.join(', ')}` : 'no dimension is open: remove --dim' },
  )
}

/** Names and places of the open sides in a file, including those of outputs and intermediate values. */
export function listSideNames(model: OnnxModel): string[] {
  const { graph } = model
  const infos = [...(graph?.input ?? []), ...(graph?.output ?? []), ...(graph?.value_info ?? [])]
  const named = infos.flatMap(({ type }) => type?.tensor_type?.shape?.dim ?? [])
  const places = (graph?.input ?? []).flatMap(({ name, type }) =>
    (type?.tensor_type?.shape?.dim ?? []).flatMap(({ dim_value = 0 }, axis) =>
      dim_value > 0 ? [] : [`${name}:${axis}`],
    ),
  )
  return [...new Set([...named.flatMap(({ dim_param }) => dim_param || []), ...places])]
}

/** The value of a side; undefined if it is not known. */
export function resolveSide(
  { names, places }: Sides,
  { side, place }: Pick<OpenSide, 'side' | 'place'>,
): number | undefined {
  return side === UNNAMED ? places.get(place) : names.get(side)
}

/** The sides of a port, as far as they are known; undefined if it states no shape. */
export function fixSides({ name, shape }: OpenPort, sides: Sides): (number | undefined)[] | undefined {
  return shape?.map((side, axis) =>
    typeof side === 'number' ? side : resolveSide(sides, { side, place: `${name}:${axis}` }),
  )
}

/** The flag that fixes a side. */
export function flagFor({ side, place }: Pick<OpenSide, 'side' | 'place'>): string {
  return `--dim ${printableName(side === UNNAMED ? place : side)}=64`
}

/** Sides of the graph's inputs, outputs and intermediate values that are known by name or place. */
export function applySides({ graph }: OnnxModel, { names, places }: Sides): void {
  if (!graph) return
  const fix = (infos: readonly OnnxValueInfo[], isInput: boolean): void => {
    for (const { name, type } of infos) {
      for (const [axis, dim] of (type?.tensor_type?.shape?.dim ?? []).entries()) {
        const named = dim.dim_param ? names.get(dim.dim_param) : undefined
        const value = named ?? (isInput ? places.get(`${name}:${axis}`) : undefined)
        if (value === undefined) continue
        dim.dim_value = value
        delete dim.dim_param
      }
    }
  }
  fix(graph.input, true)
  fix([...graph.output, ...graph.value_info], false)
}

const DIM_VALUE = 1
const DIM_PARAM = 2

/** Like `applySides`, on the bytes of a model. */
export function patchSides({ names, places }: Sides): Patches {
  const fixed = (bytes: Uint8Array, value: number) =>
    replaceFields(bytes, [DIM_VALUE, DIM_PARAM], [varint(DIM_VALUE, value)])
  const patchDim = (bytes: Uint8Array, placed?: number) => {
    const { dim_param } = decodeMessage('DimensionProto', Cursor.overBytes(bytes))
    const value = (dim_param ? names.get(dim_param) : undefined) ?? placed
    return value === undefined ? undefined : fixed(bytes, value)
  }
  return {
    // Names inside a function are local to it.
    FunctionProto: (bytes) => patchMessage('FunctionProto', bytes, {}),
    DimensionProto: (bytes) => patchDim(bytes),
    ValueInfoProto(bytes, path) {
      if (path.length !== 2 || !places.size) return undefined
      const { name } = decodeMessage('ValueInfoProto', Cursor.overBytes(bytes))
      let axis = 0
      return patchMessage('ValueInfoProto', bytes, {
        DimensionProto: (dim) => patchDim(dim, places.get(`${name}:${axis++}`)),
      })
    },
  }
}
