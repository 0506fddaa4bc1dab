import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RUN_ID } from '../config/flags.ts'
import { cacheDir } from '../lib/cache.ts'
import { selectAffecting } from '../plan/options.ts'
import { listResults, type Plan, type PlannedTrack } from '../plan/plan.ts'
import { canonicalJson, isRecord } from '../row/json.ts'
import { getOrAdd } from '../row/collections.ts'
import { readRowBatches } from '../row/read.ts'
import type { Row } from '../row/schema.ts'
import { normalizeTime } from '../row/outcome.ts'
import type { ShardChoice } from './shard.ts'

/** Everything that determines what a track measures, as plain data. Equal documents mean the same plan. */
export type PlanDocument = Record<string, unknown>

export function describePlan(
  { options, interleave, provers }: Plan,
  { name, params }: PlannedTrack,
): PlanDocument {
  return {
    ...selectAffecting(options),
    interleave,
    track: name,
    params,
    provers: Object.fromEntries(
      provers.map(({ label, located: { version, sha256, variant, commands }, settings }) => [
        label,
        { version, sha256, variant, commands, settings },
      ]),
    ),
  }
}

/** SHA-256 of a plan, hex. */
export function digestPlan(document: PlanDocument): string {
  return createHash('sha256').update(canonicalJson(document)).digest('hex')
}

/** Differences between two plans, one line per value: `iterations.prove: 3 then, 5 now`. */
export function comparePlans(then: PlanDocument, now: PlanDocument): string[] {
  const [old, own] = [flatten(then), flatten(now)]
  return [...new Set([...old.keys(), ...own.keys()])]
    .toSorted()
    .filter((path) => old.get(path) !== own.get(path))
    .map((path) => `${path}: ${old.get(path) ?? 'nothing'} then, ${own.get(path) ?? 'nothing'} now`)
}

function flatten(value: unknown, path = '', found = new Map<string, string>()): Map<string, string> {
  if (!isRecord(value)) {
    if (value !== undefined) found.set(path, canonicalJson(value))
    return found
  }
  for (const [key, inner] of Object.entries(value)) flatten(inner, path ? `${path}.${key}` : key, found)
  return found
}

const MOST_PLANS = 200

/** Folder with the plans that ran on this machine. A row has only the digest of its plan. */
export function planFolder(): string {
  return cacheDir('plans')
}

/** Saves a plan so that a later run can show what changed. Resuming works without it. */
export function keepPlan(document: PlanDocument): void {
  try {
    mkdirSync(planFolder(), { recursive: true, mode: 0o700 })
    writeFileSync(pathOf(digestPlan(document)), JSON.stringify(document), { flag: 'wx', mode: 0o600 })
    dropOldest()
  } catch {
    // It already exists, or the cache is not writable.
  }
}

function dropOldest(): void {
  const paths = readdirSync(planFolder()).map((name) => join(planFolder(), name))
  if (paths.length <= MOST_PLANS) return
  const aged = paths.map((path) => ({ path, madeMs: statSync(path).mtimeMs }))
  aged.sort((a, b) => b.madeMs - a.madeMs)
  for (const { path } of aged.slice(MOST_PLANS)) rmSync(path)
}

/** The plan with this digest; undefined if it is missing or has been modified. */
export function recallPlan(sha256: string): PlanDocument | undefined {
  if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined
  try {
    const document = JSON.parse(readFileSync(pathOf(sha256), 'utf8')) as PlanDocument
    return digestPlan(document) === sha256 ? document : undefined
  } catch {
    return undefined
  }
}

function pathOf(sha256: string): string {
  return join(planFolder(), `${sha256}.json`)
}

/** What the results files of a plan contain of one run. */
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
  for await (const rows of readRowBatches(listResults({ tracks }))) {
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
