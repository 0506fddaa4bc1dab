import { linearRegression, linearRegressionLine } from 'simple-statistics'
import { digestModel, readHeaders } from '../model/file.ts'
import type { OnnxModel } from '../model/onnx.ts'
import { measureWorkload, type Workload } from '../model/workload.ts'
import { getOrAdd } from '../row/collections.ts'
import { canonicalJson } from '../row/json.ts'
import type { Row } from '../row/schema.ts'
import { readAvailableMb } from '../system/machine.ts'
import { followRows } from './earlier-rows.ts'
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
    message: `${prover.name} needs about ${Math.round(predicted.mb)} MB for it (by ${predicted.by}), and may use ${Math.floor(hereMb)} MB here`,
    hint: 'use a smaller model or a larger machine, or free memory; --no-memory-guard runs it anyway',
  }
}

/** What a model takes to prove: its work in multiplications, and the highest peak of any of its phases, MB. */
interface KnownPeak {
  work: number
  peakMb: number
}

/** At most this many models, the most recently measured ones, are opened to count their work. */
const MAX_MODELS = 32

/**
 * Peak memory of models by digest, most recently measured last, with the same build of the prover and the same
 * settings.
 */
type PeaksByModel = Map<string, { model: string; peakMb: number }>

/** Finds the peaks in one results file, by track, prover and settings. */
function followPeaks(path: string): (key: string) => Promise<PeaksByModel> {
  const readNew = followRows(path)
  const peaksByKey = new Map<string, PeaksByModel>()
  return async (key) => {
    for (const { status, track, model, model_sha256, mem_mb, prover, settings } of await readNew()) {
      // A phase that ran out of memory took at least the peak that was seen.
      if ((status !== 'ok' && status !== 'out_of_memory') || typeof mem_mb !== 'number') continue
      if (typeof model !== 'string' || !model_sha256 || !prover) continue
      const peaks = getOrAdd(peaksByKey, keyOf(track, prover, settings), () => new Map())
      const { peakMb } = peaks.get(model_sha256) ?? { peakMb: 0 }
      peaks.delete(model_sha256)
      peaks.set(model_sha256, { model, peakMb: Math.max(peakMb, mem_mb) })
    }
    return peaksByKey.get(key) ?? new Map()
  }
}

/** Kept for the next point: a file is read once, and after that only its new rows. */
const files = new Map<string, ReturnType<typeof followPeaks>>()

/** Work of a model file by path and digest: every point of a sweep asks for the same ones. */
const works = new Map<string, Promise<number | undefined>>()

/** Multiplications of a model; undefined if its headers do not determine them. */
function countMultiplications({ convMultiplications, denseMultiplications }: Workload): number | undefined {
  if (convMultiplications === undefined || denseMultiplications === undefined) return undefined
  return convMultiplications + denseMultiplications
}

/**
 * Memory that models took with the same build of the prover and the same settings, from the results file of the
 * point's track.
 */
async function readKnownPeaks(job: PointJob): Promise<KnownPeak[]> {
  const { results, track, planned } = job
  if (results === undefined) return []
  const own = keyOf(track, { name: planned.name, ...planned.located }, planned.settings)
  const peaks = await getOrAdd(files, results, () => followPeaks(results))(own)
  const found = [...peaks].slice(-MAX_MODELS).map(async ([sha256, { model, peakMb }]) => {
    const work = await getOrAdd(works, `${model}\0${sha256}`, () => workOfFile(model, sha256))
    return work === undefined ? [] : [{ work, peakMb }]
  })
  return (await Promise.all(found)).flat()
}

/** Undefined if the file is gone or has changed. A row may name anything, even a device that never ends. */
async function workOfFile(path: string, sha256: string): Promise<number | undefined> {
  try {
    const { model } = readHeaders(path)
    return (await digestModel(path, model)) === sha256
      ? countMultiplications(measureWorkload(model))
      : undefined
  } catch {
    return undefined
  }
}

/** Another build may need less. Limits and sampling do not change what a prover needs. */
function keyOf(
  track: Row['track'],
  { name, version, sha256 }: NonNullable<Row['prover']>,
  settings: Row['settings'],
): string {
  const { memory_limit_mb: _limit, sampling: _sampling, launcher: _launcher, ...own } = settings ?? {}
  return canonicalJson([track, name, version, sha256, own])
}

/** If memory grew by less than this factor over the smaller models, that may be noise and says nothing about growth. */
const MIN_GROWTH = 1.5
/** A line is extrapolated to a model of at most this many times the work. */
const MAX_EXTRAPOLATION = 64

/**
 * Predicts the peak memory of a model from smaller ones, MB: at least what any of them took, or the value of a line
 * fitted to their memory and work. Undefined if there are none.
 */
export function predictPeakMb(known: readonly KnownPeak[], work: number): number | undefined {
  const smaller = known.filter((own) => own.work <= work)
  if (!smaller.length) return undefined
  const peaks = smaller.map(({ peakMb }) => peakMb)
  const most = Math.max(...peaks)
  const sizes = smaller.map((own) => own.work)
  const largest = Math.max(...sizes)
  // Models of one size, such as those without any multiplication, do not determine a line.
  if (largest === Math.min(...sizes)) return most
  if (most < MIN_GROWTH * Math.min(...peaks) || work > MAX_EXTRAPOLATION * largest) return most
  const line = linearRegression(smaller.map((own) => [own.work, own.peakMb]))
  return Math.max(most, linearRegressionLine(line)(work))
}
