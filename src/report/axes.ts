import { modelName } from '../row/identity.ts'
import type { Row } from '../row/schema.ts'

/** The horizontal axes of the scaling plots. */
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
 * Position of a row's point on depth, breadth and param_count. For rows without parameters it comes from the model's
 * name: the reference names its models `depth_d3_…` and `breadth_h56_d5_…`.
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
