import { existsSync } from 'node:fs'
import { ProvemarkError } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import { readRowBatches } from '../../row/jsonl.ts'
import { takeOutRows } from '../../row/take-out.ts'
import type { ShardChoice } from '../shard.ts'
import { Retries } from './choose-retries.ts'
import { comparePlans } from './compare-plans.ts'
import { findRuns, type FoundRun } from './find-run.ts'
import type { PlanDocument } from './plan-document.ts'
import { recallPlan } from './plan-store.ts'

/**
 * The last run of the same plan; undefined where none of these tracks has ever run.
 * @param given id of the run, where the user names one
 * @throws ProvemarkError PLAN_CHANGED with what differs, where there are runs of other plans only
 */
export async function findRunToResume(
  plan: Plan,
  documents: ReadonlyMap<string, PlanDocument>,
  { shard, given }: { shard: ShardChoice | undefined; given: string | undefined },
): Promise<FoundRun | undefined> {
  const runs = await findRuns(plan, shard)
  const wanted = given ? runs.filter(({ run_id }) => run_id === given) : runs
  const same = wanted.find((run) => plan.tracks.every((track) => isSamePlan(run, track)))
  if (same || !wanted.length) return same
  throw refuseChange(wanted[0]!, plan, documents)
}

function isSamePlan({ plans }: FoundRun, { name, plan_sha256 }: Plan['tracks'][number]): boolean {
  return (plans.get(name) ?? plan_sha256) === plan_sha256
}

function refuseChange(
  run: FoundRun,
  { tracks }: Plan,
  documents: ReadonlyMap<string, PlanDocument>,
): ProvemarkError {
  const changed = tracks.filter((track) => !isSamePlan(run, track))
  const lines = changed.flatMap(({ name }) => {
    const then = recallPlan(run.plans.get(name)!)
    const differences = then
      ? comparePlans(then, documents.get(name)!)
      : ['the plan is not kept on this machine, so what differs is not known']
    return differences.map((difference) => `  - track ${name}: ${difference}`)
  })
  return new ProvemarkError(
    'PLAN_CHANGED',
    `run ${run.run_id}, whose last row is of ${run.last}, had another plan\n${lines.join('\n')}`,
    { hint: 'give what it had, or leave --resume away: a new run begins' },
  )
}

/**
 * Moves the rows of iterations that run again to a file beside their results file, `….retried`.
 * @returns what a person should know of it
 */
export async function startResuming(plan: Plan, retryFailed: boolean): Promise<string> {
  if (!plan.resumed) return 'there is no run to go on with: a new one begins'
  const files = [...new Set(plan.tracks.map(({ results }) => results))].filter((file) => existsSync(file))
  const isOwn = ({ run_id }: { run_id?: string | null | undefined }) => run_id === plan.run_id
  const retries = new Retries(retryFailed)
  let total = 0
  for await (const rows of readRowBatches(files)) {
    for (const row of rows) {
      if (!isOwn(row)) continue
      retries.add(row)
      total++
    }
  }
  let retried = 0
  for (const file of files) {
    retried += await takeOutRows(file, `${file}.retried`, (row) => isOwn(row) && retries.has(row))
  }
  const moved = retried ? `, ${retried} are moved to ….retried since they run again` : ''
  return `run ${plan.run_id} goes on: ${total - retried} rows stay${moved}`
}
