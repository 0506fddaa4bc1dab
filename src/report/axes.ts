import { modelName } from '../row/identity.ts'
import type { Row } from '../row/schema.ts'

/** What a scaling plot may have along its bottom. */
export const AXES = ['depth', 'breadth', 'param_count', 'totalCost'] as const
export type Axis = (typeof AXES)[number]

export const AXIS_LABELS: Record<Axis, string> = {
  depth: 'depth (conv blocks)',
  breadth: 'breadth (input side, pixels)',
  param_count: 'parameters of the model',
  totalCost: 'totalCost of the circuit',
}

export type Places = Partial<Record<Axis, number>>

/**
 * Where a row's point lies along depth, breadth and param_count. Rows without parameters go by the name of their
 * model: `depth_d3_…` and `breadth_h56_d5_…` are what the reference names its models.
 */
export function readPlaces({ params, model, param_count, point }: Row): Places {
  const name = point ?? modelName(model) ?? ''
  return {
    ...place('depth', params?.['depth'] ?? /(?:^|_)d(\d+)_c\d+_/.exec(name)?.[1]),
    ...place('breadth', params?.['input_hw'] ?? /^breadth_h(\d+)_/.exec(name)?.[1]),
    ...place('param_count', param_count),
  }
}

function place(axis: Axis, value: unknown): Places {
  const number = typeof value === 'string' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? { [axis]: number } : {}
}
