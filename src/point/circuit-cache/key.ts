import { createHash } from 'node:crypto'
import { canonicalJson } from '../../row/canonical-json.ts'
import type { PointJob } from '../job.ts'
import type { Materials } from '../materials.ts'

/** Grows when entries of older versions can no longer be used. */
const FORMAT = 1

/**
 * Digest of everything that a compile depends on: equal keys mean equal circuits. Undefined where that cannot be
 * known: two builds of a prover without a digest look alike.
 */
export function circuitKeyOf(
  { prover, planned: { located, settings } }: PointJob,
  materials: Materials,
): string | undefined {
  const { version, sha256, variant } = located
  if (!sha256) return undefined
  const readsInput = prover.phases.compile.reads.includes('input')
  const key = canonicalJson({
    format: FORMAT,
    model: materials.model_sha256,
    input: readsInput ? materials.input_sha256 : null,
    prover: { name: prover.name, version, sha256, variant },
    settings,
  })
  return createHash('sha256').update(key).digest('hex')
}
