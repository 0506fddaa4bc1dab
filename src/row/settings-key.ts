import { canonicalJson } from './canonical-json.ts'
import { isSamePoint, phaseKey } from './point-key.ts'
import { isSameJson, rememberLast } from './remember-last.ts'
import type { Row } from './schema.ts'

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
