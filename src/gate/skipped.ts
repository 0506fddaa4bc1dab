import { findFailure } from './failed.ts'
import type { Pair } from './pair.ts'
import type { Series } from './series.ts'

/** Whether nothing of a phase was run: the prover does not prove the model, say. */
export const isSkipped = ({ statuses }: Series) => statuses.size === 1 && statuses.has('skipped')

/**
 * Pairs that were skipped now although no phase of their point failed. What the baseline has of them this run has
 * lost; after a failure it is the failure that is told.
 */
export function findSkipped(pairs: readonly Pair[]): ReadonlySet<Pair> {
  const failed = new Set(pairs.filter(({ now }) => findFailure(now).length).map(({ now }) => now.owner))
  return new Set(pairs.filter(({ now }) => isSkipped(now) && !failed.has(now.owner)))
}
