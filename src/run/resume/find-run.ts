import { existsSync } from 'node:fs'
import type { Plan } from '../../plan/plan.ts'
import { getOrAdd } from '../../row/collections.ts'
import { readRowBatches } from '../../row/read.ts'
import type { Row } from '../../row/schema.ts'
import { normalizeTime } from '../../row/outcome.ts'
import { RUN_ID } from '../run-id.ts'
import type { ShardChoice } from '../shard.ts'

/** What the results files of a plan hold of one run. */
export interface FoundRun {
  run_id: string
  /** Time of its last row. */
  last: string
  /** Digest of its plan by track. */
  plans: Map<string, string>
  /** How its points were divided between shards, if it had any. */
  split: string | undefined
}

/**
 * The runs that have rows of a plan's tracks (and of the same shard, if any), the most recent first. A file from
 * elsewhere may hold any id, and the id of a resumed run names a folder, so only ids in provemark's format count.
 */
export async function findRuns(
  { tracks }: Pick<Plan, 'tracks'>,
  shard: ShardChoice | undefined,
): Promise<FoundRun[]> {
  const runs = new Map<string, FoundRun>()
  const names = new Set(tracks.map(({ name }) => name))
  const files = [...new Set(tracks.map(({ results }) => results))].filter((file) => existsSync(file))
  for await (const rows of readRowBatches(files)) {
    for (const row of rows) {
      const { run_id, track, plan_sha256, timestamp } = row
      if (
        !run_id ||
        !RUN_ID.test(run_id) ||
        !track ||
        !plan_sha256 ||
        !names.has(track) ||
        !isOfShard(row, shard)
      )
        continue
      const run = getOrAdd(runs, run_id, () => ({ run_id, last: '', plans: new Map(), split: undefined }))
      run.plans.set(track, plan_sha256)
      run.split = row.shard?.split
      const time = normalizeTime(timestamp)
      if (time && time > run.last) run.last = time
    }
  }
  return [...runs.values()].toSorted((a, b) => Number(a.last < b.last) - Number(a.last > b.last))
}

function isOfShard({ shard }: Row, choice: ShardChoice | undefined): boolean {
  return shard?.index === choice?.index && shard?.count === choice?.count
}
