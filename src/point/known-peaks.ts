import { digestFile } from '../file-digest.ts'
import { readHeaders } from '../model/file.ts'
import type { OnnxModel } from '../model/onnx.ts'
import { measureWorkload } from '../prover/workload.ts'
import { canonicalJson } from '../row/canonical-json.ts'
import { getOrAdd } from '../row/collections.ts'
import type { Row } from '../row/schema.ts'
import type { PointJob } from './job.ts'
import type { KnownPeak } from './predict-peak.ts'
import { readRecentRows } from './recent-rows.ts'

/** Models whose files are opened for their work, the last ones. */
const MOST_MODELS = 32

/** Work of a model file by path and digest: the same ones are asked for again at every point of a sweep. */
const works = new Map<string, Promise<number | undefined>>()

/** Multiplications of a model; undefined where its headers do not tell. */
export function workOf(model: OnnxModel): number | undefined {
  const { convMultiplications, denseMultiplications } = measureWorkload(model)
  if (convMultiplications === undefined || denseMultiplications === undefined) return undefined
  return convMultiplications + denseMultiplications
}

/** What the results file of a point's track says of the memory that models took with the same build of the prover and settings. */
export async function readKnownPeaks(job: PointJob): Promise<KnownPeak[]> {
  const { results, track, planned } = job
  if (results === undefined) return []
  const own = keyOf({ name: planned.name, ...planned.located }, planned.settings)
  const peaks = new Map<string, { model: string; peakMb: number }>()
  for (const { status, model, model_sha256, mem_mb, prover, settings, ...row } of await readRecentRows(
    results,
  )) {
    // A phase that ran out of memory took at least what was seen of it.
    if ((status !== 'ok' && status !== 'out_of_memory') || row.track !== track || typeof mem_mb !== 'number')
      continue
    if (typeof model !== 'string' || !model_sha256 || !prover || keyOf(prover, settings) !== own) continue
    const { peakMb } = peaks.get(model_sha256) ?? { peakMb: 0 }
    peaks.set(model_sha256, { model, peakMb: Math.max(peakMb, mem_mb) })
  }
  const found = [...peaks].slice(-MOST_MODELS).map(async ([sha256, { model, peakMb }]) => {
    const work = await getOrAdd(works, `${model}\0${sha256}`, () => workOfFile(model, sha256))
    return work === undefined ? [] : [{ work, peakMb }]
  })
  return (await Promise.all(found)).flat()
}

/** Undefined where the file is gone, or is another model now. A row may name anything, a device without end too. */
async function workOfFile(path: string, sha256: string): Promise<number | undefined> {
  try {
    const { model } = readHeaders(path)
    return (await digestFile(path)) === sha256 ? workOf(model) : undefined
  } catch {
    return undefined
  }
}

/** Another build may need less; limits and sampling do not change what a prover needs. */
function keyOf({ name, version, sha256 }: NonNullable<Row['prover']>, settings: Row['settings']): string {
  const { memory_limit_mb: _limit, sampling: _sampling, launcher: _launcher, ...own } = settings ?? {}
  return canonicalJson([name, version, sha256, own])
}
