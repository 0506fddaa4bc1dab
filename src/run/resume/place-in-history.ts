import { refusePlan } from '../../config/problems.ts'
import type { ResolvedConfig } from '../../config/resolve.ts'
import { ProvemarkError } from '../../errors.ts'
import { digestFile } from '../../file-digest.ts'
import { digestModel } from '../../model/file.ts'
import type { Plan } from '../../plan/plan.ts'
import { getOrAdd } from '../../row/collections.ts'
import { readRowBatches } from '../../row/read.ts'
import type { TrackWithPoints } from '../plan-tracks.ts'
import type { ShardChoice } from '../shard.ts'
import { describePlan, digestPlan, keepPlan } from './plan-document.ts'
import { findRunToResume } from './resume-run.ts'

interface Undertaking {
  resolved: ResolvedConfig
  plan: Plan
  tracks: readonly TrackWithPoints[]
  shard: ShardChoice | undefined
  /** Selects the part of a plan that this process runs. */
  divide: (plan: Plan, tracks: readonly TrackWithPoints[]) => Plan | Promise<Plan>
}

/**
 * Gives each track the digest of its plan, and the plan the id of the run to resume, if requested.
 * @throws ProvemarkError PLAN_CHANGED
 */
export async function placeInHistory({ resolved, plan, tracks, shard, divide }: Undertaking): Promise<Plan> {
  const { command } = resolved
  if (command.retry_failed && !command.resume) {
    throw refusePlan([{ where: '--retry-failed', expected: '--resume beside it', given: 'it alone' }])
  }
  const documents = new Map(plan.tracks.map((track) => [track.name, describePlan(plan, track)]))
  const signed = tracks.map(({ planned, points }) => ({
    planned: { ...planned, plan_sha256: digestPlan(documents.get(planned.name)!) },
    points,
  }))
  const whole = { ...plan, tracks: signed.map(({ planned }) => planned) }
  const found = command.resume
    ? await findRunToResume(whole, documents, { shard, given: command.run_id })
    : undefined
  for (const document of documents.values()) keepPlan(document)
  if (!found) return divide(whole, signed)
  const resumed = await divide({ ...whole, run_id: found.run_id, resumed: true }, signed)
  if (found.split !== resumed.shard?.split) throw refuseSplit(found.run_id)
  await checkFiles(resumed, signed)
  return resumed
}

function refuseSplit(runId: string): ProvemarkError {
  return new ProvemarkError('PLAN_CHANGED', `run ${runId} had its points split over its shards otherwise`, {
    hint: 'rows of other runs that came between change the balance: put them elsewhere, or start anew with all shards',
  })
}

/**
 * Compares model and input files with those that the rows of a resumed run were measured on. Generated ones are
 * compared when their point is reached.
 * @throws ProvemarkError PLAN_CHANGED listing every file that has changed
 */
export async function checkFiles({ run_id }: Plan, tracks: readonly TrackWithPoints[]): Promise<void> {
  const changed = new Set<string>()
  for (const { planned, points } of tracks) {
    const files = new Map(points.map(({ id, model, input }) => [id, { model, input }]))
    const digests = new Map<string, Promise<string | undefined>>()
    const digestOf = (path: unknown, digest: (path: string) => Promise<string>) => {
      if (typeof path !== 'string') return undefined
      return getOrAdd(digests, path, () => digest(path).catch(() => undefined))
    }
    for await (const rows of readRowBatches(planned.results)) {
      for (const row of rows) {
        if (row.run_id !== run_id || row.track !== planned.name) continue
        const { model, input } = files.get(row.point ?? '') ?? {}
        for (const [path, then, digest] of [
          [model, row.model_sha256, digestModel],
          [input, row.input_sha256, digestFile],
        ] as const) {
          const now = await digestOf(path, digest)
          if (then && now && then !== now) changed.add(`${String(path)}: SHA-256 ${then} then, ${now} now`)
        }
      }
    }
  }
  if (!changed.size) return
  const lines = [...changed].map((line) => `  - ${line}`)
  throw new ProvemarkError('PLAN_CHANGED', `run ${run_id} was measured on other files\n${lines.join('\n')}`, {
    hint: 'put back the files that it had, or leave --resume away: a new run begins',
  })
}
