import type { Row } from '../row/schema.ts'
import type { PointJob, PointPlan } from './job.ts'

/** Part of a machine's memory that a phase may be predicted to take: the system and other programs need the rest. */
const USABLE_SHARE = 0.8

/** Most memory that a phase may be predicted to take here, MB; undefined where points are not guarded. */
export function usableMb({ memory_guard, machine, memory_limit_mb }: PointPlan): number | undefined {
  if (!memory_guard) return undefined
  const { mem_mb, mem_limit_mb } = machine
  const machineMb = Math.min(mem_mb ?? Infinity, Number(mem_limit_mb ?? Infinity)) * USABLE_SHARE
  const mb = Math.min(machineMb, memory_limit_mb ?? Infinity)
  return Number.isFinite(mb) ? mb : undefined
}

/** Why a point is not to be run here, where its predicted peak (MB) is more than there is; undefined where it fits. */
export function findExcess(
  { plan, prover }: PointJob,
  predictedMb: number | undefined,
): NonNullable<Row['error']> | undefined {
  const limitMb = usableMb(plan)
  if (limitMb === undefined || predictedMb === undefined || predictedMb <= limitMb) return undefined
  return {
    code: 'MODEL_TOO_LARGE',
    message: `${prover.name} needs about ${Math.round(predictedMb)} MB for it, and may take ${Math.floor(limitMb)} MB here`,
    hint: 'take a smaller model or a larger machine; --no-memory-guard runs it all the same',
  }
}
