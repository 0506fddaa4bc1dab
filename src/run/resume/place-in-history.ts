import { refusePlan } from '../../config/problems.ts'
import type { ResolvedConfig } from '../../config/resolve.ts'
import { ProvemarkError } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import type { TrackWithPoints } from '../plan-tracks.ts'
import type { ShardChoice } from '../shard.ts'
import { checkFiles } from './check-files.ts'
import { describePlan, digestPlan } from './plan-document.ts'
import { keepPlan } from './plan-store.ts'
import { findRunToResume } from './resume-run.ts'

interface Undertaking {
  resolved: ResolvedConfig
  plan: Plan
  tracks: readonly TrackWithPoints[]
  shard: ShardChoice | undefined
  /** Takes the part of a plan that this process is to run. */
  divide: (plan: Plan, tracks: readonly TrackWithPoints[]) => Plan | Promise<Plan>
}

/**
 * Gives each track the digest of its plan, and the plan the id of the run that it goes on with, where it is to.
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
