import { createHash } from 'node:crypto'
import { selectAffecting } from '../../plan/options.ts'
import type { Plan, PlannedTrack } from '../../plan/plan.ts'
import { canonicalJson } from '../../row/canonical-json.ts'

/** Everything that decides what a track measures, as plain data: equal documents are one plan. */
export type PlanDocument = Record<string, unknown>

export function describePlan(
  { options, interleave, provers }: Plan,
  { name, params }: PlannedTrack,
): PlanDocument {
  return {
    ...selectAffecting(options),
    interleave,
    track: name,
    params,
    provers: Object.fromEntries(
      provers.map(({ label, located: { version, sha256, variant, commands }, settings }) => [
        label,
        { version, sha256, variant, commands, settings },
      ]),
    ),
  }
}

/** SHA-256 of a plan, hex. */
export function digestPlan(document: PlanDocument): string {
  return createHash('sha256').update(canonicalJson(document)).digest('hex')
}
