import { canonicalJson, isSameJson, rememberLast } from './json.ts'
import { readClock } from './outcome.ts'
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
function isSamePoint(a: Row, b: Row): boolean {
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

/** Tells apart what was measured at different settings of one prover; how often is no setting. */
export const settingsKey = rememberLast(
  (settings: Row['settings']) => canonicalJson({ ...settings, sampling: undefined }),
  isSameJson,
)

/** Identity of what is repeated: a phase of a point, with one prover at one setting. */
export const seriesKey = rememberLast(
  (row: Row) => `${phaseKey(row)} ${settingsKey(row.settings)}`,
  (a, b) => a.phase === b.phase && isSamePoint(a, b) && isSameJson(a.settings, b.settings),
)

/** Tells apart what was measured on different machines, or by different clocks: it is never pooled in a baseline. */
export const benchKey = rememberLast(
  (row: Row) =>
    canonicalJson([
      row.machine?.cpu ?? null,
      row.machine?.cores ?? null,
      row.machine?.['mem_limit_mb'] ?? null,
      readClock(row),
    ]),
  (a, b) => isSameJson(a.machine, b.machine) && readClock(a) === readClock(b),
)
