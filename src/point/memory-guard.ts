import { readAvailableMb } from '../system/machine.ts'
import type { OnnxModel } from '../model/onnx.ts'
import { measureWorkload } from '../prover/workload.ts'
import type { Row } from '../row/schema.ts'
import type { PointJob, PointPlan } from './job.ts'
import { readKnownPeaks, workOf } from './known-peaks.ts'
import { predictPeakMb } from './predict-peak.ts'

/** Part of a machine's memory that a phase may be predicted to take: the system and other programs need the rest. */
const USABLE_SHARE = 0.8

/** Most memory that a phase may be predicted to take here, MB; undefined where points are not guarded. */
export function usableMb({
  machine,
  options: { memory_guard, memory_limit_mb },
}: PointPlan): number | undefined {
  if (!memory_guard) return undefined
  const { mem_mb, mem_limit_mb } = machine
  const machineMb = Math.min(mem_mb ?? Infinity, Number(mem_limit_mb ?? Infinity)) * USABLE_SHARE
  const mb = Math.min(machineMb, memory_limit_mb ?? Infinity)
  return Number.isFinite(mb) ? mb : undefined
}

/** Peak memory that a point is expected to have, MB, and whose word that is. */
export interface PredictedPeak {
  mb: number
  by: string
}

/**
 * What a point is going to need: by the prover's own rule, else by the rows of smaller points. Undefined where neither
 * tells.
 */
export async function predictPeak(job: PointJob, model: OnnxModel): Promise<PredictedPeak | undefined> {
  const { plan, prover, planned } = job
  if (!plan.options.memory_guard) return undefined
  const ruled = prover.predictPeakMb?.(measureWorkload(model), planned.settings)
  if (ruled !== undefined) return { mb: ruled, by: 'its own rule' }
  const work = workOf(model)
  const mb = work === undefined ? undefined : predictPeakMb(await readKnownPeaks(job), work)
  return mb === undefined ? undefined : { mb, by: 'the rows of points up to its size' }
}

/** Why a point is not to be run here, where its predicted peak is more than there is; undefined where it fits. */
export function findExcess(
  { plan, prover }: PointJob,
  predicted: PredictedPeak | undefined,
): NonNullable<Row['error']> | undefined {
  const limitMb = usableMb(plan)
  if (limitMb === undefined || predicted === undefined) return undefined
  const hereMb = Math.min(limitMb, freeMb(plan))
  if (predicted.mb <= hereMb) return undefined
  return {
    code: 'MODEL_TOO_LARGE',
    message: `${prover.name} needs about ${Math.round(predicted.mb)} MB for it by ${predicted.by}, and may take ${Math.floor(hereMb)} MB here`,
    hint: 'take a smaller model or a larger machine, or end what else takes memory; --no-memory-guard runs it all the same',
  }
}

/** Memory that is free at this moment, where the phases run on this machine. */
function freeMb({ machine }: PointPlan): number {
  return machine.mem_free_mb == null ? Infinity : readAvailableMb()
}
