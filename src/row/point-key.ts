import { canonicalJson } from './canonical-json.ts'
import { isSameJson, rememberLast } from './remember-last.ts'
import type { Row } from './schema.ts'

/**
 * Identity of a row's point and prover: two rows, of two files even, are of the same point where this agrees. Track
 * and parameters tell points apart; rows without parameters go by the model's base name and parameter count. The
 * short id is for people and does not count. The two sides of a comparison are apart.
 */
export const pointKey = rememberLast(makePointKey, isSamePoint)

function makePointKey({ track, params, model, param_count, prover, side }: Row): string {
  const identity = params ?? { model: modelName(model), param_count: param_count ?? null }
  return canonicalJson([track ?? null, identity, prover?.name ?? null, ...(side ? [side] : [])])
}

/** Never says so of two points; of one point's rows it may fail to. */
export function isSamePoint(a: Row, b: Row): boolean {
  return (
    a.track === b.track &&
    a.prover?.name === b.prover?.name &&
    a.side === b.side &&
    isSameJson(a.params, b.params) &&
    (a.params != null || (a.model === b.model && a.param_count === b.param_count))
  )
}

/** Identity of a row's phase: that of its point, and the phase. */
export function phaseKey(row: Row): string {
  return `${row.phase} ${pointKey(row)}`
}

/** Base name of a model's path, from any system, without `.onnx`; null where there is none. */
export function modelName(model: Row['model']): string | null {
  return (
    model
      ?.split(/[/\\]/)
      .at(-1)
      ?.replace(/\.onnx$/i, '') || null
  )
}

/** The name that a person reads: the point's id, else its model's, and the side of a comparison. */
export function pointName({ point, model, side }: Pick<Row, 'point' | 'model' | 'side'>): string {
  const name = point ?? modelName(model) ?? 'unnamed model'
  return side ? `${name} (${side})` : name
}
