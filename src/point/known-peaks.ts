import { digestModel } from '../model/digest.ts'
import { readHeaders } from '../model/file.ts'
import type { OnnxModel } from '../model/onnx.ts'
import { measureWorkload } from '../prover/workload.ts'
import { canonicalJson } from '../row/canonical-json.ts'
import { getOrAdd } from '../row/collections.ts'
import type { Row } from '../row/schema.ts'
import type { PointJob } from './job.ts'
import type { KnownPeak } from './predict-peak.ts'
import { RecentRows } from './recent-rows.ts'

/** Models whose files are opened for their work, the last ones. */
const MOST_MODELS = 32

/** Peak memory of models by digest, the last measured last, with the same build of a prover and settings. */
type PeaksByModel = Map<string, { model: string; peakMb: number }>

/** What is known of the rows of a results file, by track, prover and settings. */
class PeaksOfFile {
  readonly #rows: RecentRows
  readonly #peaks = new Map<string, PeaksByModel>()

  constructor(path: string) {
    this.#rows = new RecentRows(path)
  }

  async find(key: string): Promise<PeaksByModel> {
    for (const row of await this.#rows.readNew()) this.#add(row)
    return this.#peaks.get(key) ?? new Map()
  }

  #add({ status, track, model, model_sha256, mem_mb, prover, settings }: Partial<Row>): void {
    // A phase that ran out of memory took at least what was seen of it.
    if ((status !== 'ok' && status !== 'out_of_memory') || typeof mem_mb !== 'number') return
    if (typeof model !== 'string' || !model_sha256 || !prover) return
    const peaks = getOrAdd(this.#peaks, keyOf(track, prover, settings), () => new Map())
    const { peakMb } = peaks.get(model_sha256) ?? { peakMb: 0 }
    peaks.delete(model_sha256)
    peaks.set(model_sha256, { model, peakMb: Math.max(peakMb, mem_mb) })
  }
}

/** Kept for the next point: a file is read once, and then what was appended. */
const files = new Map<string, PeaksOfFile>()

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
  const own = keyOf(track, { name: planned.name, ...planned.located }, planned.settings)
  const peaks = await getOrAdd(files, results, () => new PeaksOfFile(results)).find(own)
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
    return (await digestModel(path, model)) === sha256 ? workOf(model) : undefined
  } catch {
    return undefined
  }
}

/** Another build may need less; limits and sampling do not change what a prover needs. */
function keyOf(
  track: Row['track'],
  { name, version, sha256 }: NonNullable<Row['prover']>,
  settings: Row['settings'],
): string {
  const { memory_limit_mb: _limit, sampling: _sampling, launcher: _launcher, ...own } = settings ?? {}
  return canonicalJson([track, name, version, sha256, own])
}
