import { canonicalJson } from './canonical-json.ts'
import { isSameFlat, rememberLast } from './remember-last.ts'
import type { Row } from './schema.ts'

/** Tells apart what was measured at different settings of one prover; how often is no setting. */
export const settingsKey = rememberLast(
  (settings: Row['settings']) => canonicalJson({ ...settings, sampling: undefined }),
  isSameFlat,
)
