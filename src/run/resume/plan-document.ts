import { createHash } from 'node:crypto'
import type { RunOptions } from '../../config/schema.ts'
import type { Plan, PlannedTrack } from '../../point/plan.ts'
import { canonicalJson } from '../../row/canonical-json.ts'

/** Options that say where things lie, what of a plan is run now, or how the run behaves: no figure depends on them. */
const BESIDE_THE_PLAN = [
  'profile',
  'provers',
  'points',
  'report',
  'results',
  'fsync',
  'onnx_dir',
  'inputs_dir',
  'work_dir',
  'lock',
  'keep',
  'circuit_cache_mb',
  'disk_guard',
] as const satisfies readonly (keyof RunOptions)[]

/** Everything that decides what a track measures, as plain data: equal documents are one plan. */
export type PlanDocument = Record<string, unknown>

export function describePlan(run: RunOptions, plan: Plan, { name, params }: PlannedTrack): PlanDocument {
  const beside = new Set<string>(BESIDE_THE_PLAN)
  const options = Object.fromEntries(Object.entries(run).filter(([key]) => !beside.has(key)))
  return {
    ...options,
    iterations: plan.iterations,
    timeout_s: plan.timeout_s,
    interleave: plan.interleave,
    track: name,
    params,
    provers: Object.fromEntries(
      plan.provers.map(({ label, located: { version, sha256, variant }, settings }) => [
        label,
        { version, sha256, variant, settings },
      ]),
    ),
  }
}

/** SHA-256 of a plan, hex. */
export function digestPlan(document: PlanDocument): string {
  return createHash('sha256').update(canonicalJson(document)).digest('hex')
}
