import type { Row } from './schema.ts'

/** Type of the Vitest artifact that carries a row from a worker to the reporters. */
export const ROW_ARTIFACT = 'provemark:row'

export interface RowArtifact {
  type: typeof ROW_ARTIFACT
  row: Row
  /** The row is already in its file: an earlier process of this run wrote it. */
  isKnown?: boolean
}

declare module 'vitest' {
  interface TestArtifactRegistry {
    [ROW_ARTIFACT]: RowArtifact
  }
}
