import { canonicalJson, isSameJson, rememberLast } from './json.ts'
import { readClock } from './outcome.ts'
import type { Row } from './schema.ts'

/**
 * Identity of a row's point and prover. Two rows, even from two files, belong to the same point if their keys are
 * equal. Points differ by track and parameters; rows without parameters use the model's base name and parameter count.
 * The short id is for people and does not count. The two sides of a comparison are different points.
 */
export const pointKey = rememberLast(makePointKey, isSamePoint)

function makePointKey({ track, params, model, param_count, prover, side }: Row): string {
  const identity = params ?? { model: modelName(model), param_count: param_count ?? null }
  return canonicalJson([track ?? null, identity, prover?.name ?? null, ...(side ? [side] : [])])
}

/** Never true for two different points. May be false for rows of the same point. */
function isSamePoint(a: Row, b: Row): boolean {
  return (
    a.track === b.track &&
    a.prover?.name === b.prover?.name &&
    a.side === b.side &&
    isSameJson(a.params, b.params) &&
    (a.params != null || (a.model === b.model && a.param_count === b.param_count))
  )
}

/** Identity of a row's phase: its point's identity plus the phase. */
export function phaseKey(row: Row): string {
  return `${row.phase} ${pointKey(row)}`
}

/** Base name of a model's path from any system, without `.onnx`; null if there is none. */
export function modelName(model: Row['model']): string | null {
  return (
    model
      ?.split(/[/\\]/)
      .at(-1)
      ?.replace(/\.onnx$/i, '') || null
  )
}

/** Display name: the point's id or else its model's name, plus the side of a comparison. */
export function pointName({ point, model, side }: Pick<Row, 'point' | 'model' | 'side'>): string {
  const name = point ?? modelName(model) ?? 'unnamed model'
  return side ? `${name} (${side})` : name
}

/** Separates measurements at different settings of one prover. The number of repetitions is not a setting. */
export const settingsKey = rememberLast(
  (settings: Row['settings']) => canonicalJson({ ...settings, sampling: undefined }),
  isSameJson,
)

/** Identity of what is repeated: a phase of a point with one prover at one setting. */
export const seriesKey = rememberLast(
  (row: Row) => `${phaseKey(row)} ${settingsKey(row.settings)}`,
  (a, b) => a.phase === b.phase && isSamePoint(a, b) && isSameJson(a.settings, b.settings),
)

/** Separates measurements from different machines or clocks, which a baseline never pools. */
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
