import type { OnnxModel } from '../model/onnx.ts'
import { measureWorkload } from '../model/workload.ts'
import { readAvailableMb } from '../system/machine.ts'
import { countMultiplications, predictPeakMb, readKnownPeaks } from './known-peaks.ts'
import type { RowError } from './phase-row.ts'
import type { PointJob, PointPlan } from './point.ts'

/** Share of a machine's memory that a phase may be predicted to take: the system and other programs need the rest. */
const USABLE_SHARE = 0.8

/** Most memory that a phase may be predicted to take here, MB; undefined if points are not guarded. */
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

/** Predicted peak memory of a point, MB, and the source of the prediction. */
export interface PredictedPeak {
  mb: number
  by: string
}

/**
 * Predicts a point's peak by the prover's own rule, or else from the rows of smaller points; undefined without
 * either. A warning says if there is none because the model's work is unknown.
 */
export async function predictPeak(
  job: PointJob,
  model: OnnxModel,
): Promise<{ predicted?: PredictedPeak; warnings: string[] }> {
  const { plan, prover, planned } = job
  if (!plan.options.memory_guard) return { warnings: [] }
  const workload = measureWorkload(model)
  const ruled = prover.predictPeakMb?.(workload, planned.settings)
  if (ruled !== undefined) return { predicted: { mb: ruled, by: 'its own rule' }, warnings: [] }
  const work = countMultiplications(workload)
  if (work === undefined) {
    const why = `the shape of ${workload.unknown}'s output is in neither the file nor provemark's rules`
    return { warnings: [`the memory guard did not check this model: ${why}`] }
  }
  const mb = predictPeakMb(await readKnownPeaks(job), work)
  return {
    ...(mb === undefined ? {} : { predicted: { mb, by: 'the rows of points up to its size' } }),
    warnings: [],
  }
}

/** Why a point is skipped: its predicted peak exceeds the memory that it may take. Undefined if it fits. */
export function findMemoryShortage(
  { plan, prover }: PointJob,
  predicted: PredictedPeak | undefined,
): RowError | undefined {
  const limitMb = usableMb(plan)
  if (limitMb === undefined || predicted === undefined) return undefined
  // Free memory only matters if the phases run on this machine.
  const hereMb = Math.min(limitMb, plan.machine.mem_free_mb == null ? Infinity : readAvailableMb())
  if (predicted.mb <= hereMb) return undefined
  return {
    code: 'MODEL_TOO_LARGE',
    message: `${prover.name} needs about ${Math.round(predicted.mb)} MB for it by ${predicted.by}, and may take ${Math.floor(hereMb)} MB here`,
    hint: 'use a smaller model or a larger machine, or free memory; --no-memory-guard runs it anyway',
  }
}
