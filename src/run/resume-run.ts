import { ProvemarkError } from '../errors.ts'
import { listResults, type Plan, proverKeyOf } from '../plan/plan.ts'
import { earlierPhases } from '../point/lineage.ts'
import { readRowBatches } from '../row/read.ts'
import type { Phase, Row } from '../row/schema.ts'
import { takeOutRows } from '../row/write.ts'
import type { ShardChoice } from './shard.ts'
import {
  findRuns,
  type FoundRun,
  comparePlans,
  describePlan,
  digestPlan,
  keepPlan,
  type PlanDocument,
  recallPlan,
} from './past-runs.ts'
import { refusePlan } from '../config/problems.ts'
import type { ResolvedConfig } from '../config/resolve.ts'
import { digestFile } from '../lib/files.ts'
import { digestModel } from '../model/file.ts'
import { getOrAdd } from '../row/collections.ts'
import type { TrackWithPoints } from './resolve-run.ts'

/**
 * The last run of the same plan; undefined if none of these tracks has ever run.
 * @param given run id, if the user names one
 * @throws ProvemarkError PLAN_CHANGED listing the differences, if there are only runs of other plans
 */
async function findRunToResume(
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
    { hint: 'use the options it had, or drop --resume to start a new run' },
  )
}

/**
 * Moves the rows of iterations that run again to a file next to their results file, `….retried`.
 * @returns notes for the user
 */
export async function startResuming(plan: Plan, retryFailed: boolean): Promise<string> {
  if (!plan.resumed) return 'there is no run to resume: starting a new one'
  const files = listResults(plan)
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

/** The iterations of a run that have to run again. */
class Retries {
  readonly #rows = new Map<string, Pick<Row, 'status' | 'error'>>()
  readonly #retryFailed: boolean

  /** @param retryFailed whether failed iterations run again, not only cancelled ones */
  constructor(retryFailed: boolean) {
    this.#retryFailed = retryFailed
  }

  /** Every row of the run must be added before any is judged. */
  add(row: Row): void {
    this.#rows.set(keyOf(row, row.phase), { status: row.status, error: row.error })
  }

  has(row: Row): boolean {
    const { status, error, phase } = row
    if (status === 'ok') return false
    if (this.#retryFailed || status === 'cancelled') return true
    // What was skipped because of an earlier phase can run once that phase has run.
    return (
      error?.code === 'EARLIER_PHASE_FAILED' &&
      earlierPhases(phase).some((earlier) => this.#isOpen(row, earlier))
    )
  }

  #isOpen(row: Row, phase: Phase): boolean {
    return this.#rows.get(keyOf(row, phase))?.status === 'cancelled'
  }
}

function keyOf(row: Row, phase: Phase): string {
  return [row.track, row.point, proverKeyOf(row), phase, row.iteration].join('\0')
}

interface Undertaking {
  resolved: ResolvedConfig
  plan: Plan
  tracks: readonly TrackWithPoints[]
  shard: ShardChoice | undefined
  /** Selects the part of a plan that this process runs. */
  divide: (plan: Plan) => Plan | Promise<Plan>
}

/**
 * Gives each track the digest of its plan, and the plan the id of the run to resume, if requested.
 * @throws ProvemarkError PLAN_CHANGED
 */
export async function placeInHistory({ resolved, plan, tracks, shard, divide }: Undertaking): Promise<Plan> {
  const { command } = resolved
  if (command.retry_failed && !command.resume) {
    throw refusePlan([{ where: '--retry-failed', expected: '--resume with it', given: 'it alone' }])
  }
  const documents = new Map(plan.tracks.map((track) => [track.name, describePlan(plan, track)]))
  const signed = plan.tracks.map((track) => ({
    ...track,
    plan_sha256: digestPlan(documents.get(track.name)!),
  }))
  const whole = { ...plan, tracks: signed }
  const found = command.resume
    ? await findRunToResume(whole, documents, { shard, given: command.run_id })
    : undefined
  for (const document of documents.values()) keepPlan(document)
  if (!found) return divide(whole)
  const resumed = await divide({ ...whole, run_id: found.run_id, resumed: true })
  if (found.split !== resumed.shard?.split) throw refuseSplit(found.run_id)
  await checkFiles(resumed, tracks)
  return resumed
}

function refuseSplit(runId: string): ProvemarkError {
  return new ProvemarkError('PLAN_CHANGED', `run ${runId} had its points split over its shards otherwise`, {
    hint: 'rows of other runs written in between change the split: move them elsewhere, or start over with all shards',
  })
}

/**
 * Compares model and input files with those that the rows of a resumed run were measured on. Generated ones are
 * compared when their point is reached.
 * @throws ProvemarkError PLAN_CHANGED listing every file that has changed
 */
async function checkFiles({ run_id }: Plan, tracks: readonly TrackWithPoints[]): Promise<void> {
  const changed = new Set<string>()
  for (const { name, results, points } of tracks) {
    const files = new Map(points.map((point) => [point.id, point]))
    const digests = new Map<string, Promise<string | undefined>>()
    const digestOf = (path: unknown, digest: (path: string) => Promise<string>) => {
      if (typeof path !== 'string') return undefined
      return getOrAdd(digests, path, () => digest(path).catch(() => undefined))
    }
    for await (const rows of readRowBatches(results)) {
      for (const row of rows) {
        if (row.run_id !== run_id || row.track !== name) continue
        const { model, workload, input } = files.get(row.point ?? '') ?? {}
        for (const [path, then, digest] of [
          [model, row.model_sha256, digestModel],
          [workload, row.model_sha256, digestFile],
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
    hint: 'restore the files it used, or drop --resume to start a new run',
  })
}
