import { createHash, randomUUID } from 'node:crypto'
import type { TestProject, Vitest } from 'vitest/node'
import { refusePlan } from '../config/problems.ts'
import type { Plan } from '../plan/plan.ts'
import { canonicalJson } from '../row/json.ts'
import type { Shard } from '../row/schema.ts'
import type { TrackWithPoints } from './resolve-run.ts'
import { estimateCosts, predictFromRows } from './forecast.ts'

/** The smallest unit that a run is split into: a point with all its provers, phases and iterations. */
interface Unit {
  track: string
  point: string
  /** Anything proportional to the time that the point takes; only ratios between points matter. */
  cost: number
}

/** One shard of how many: `2/4`. */
export type ShardChoice = Pick<Shard, 'index' | 'count'>

/**
 * Selects one shard's part. Points are assigned most expensive first, each to the least loaded shard so far. The same
 * units give the same parts on every machine. Shards are empty only if there are fewer points than shards, and then the
 * last ones are.
 */
export function takeShard<Own extends Unit>(
  units: readonly Own[],
  { index, count }: ShardChoice,
): { units: Own[]; shard: Shard } {
  const loads = Array.from({ length: count }, () => 0)
  const owners = new Map<Own, number>()
  for (const unit of units.toSorted((a, b) => b.cost - a.cost)) {
    const owner = loads.indexOf(Math.min(...loads))
    owners.set(unit, owner)
    // With a cost of zero, all such points would end up in one shard.
    loads[owner]! += Math.max(unit.cost, Number.EPSILON)
  }
  const split = canonicalJson(units.map((unit) => [unit.track, unit.point, owners.get(unit)!]))
  return {
    units: units.filter((unit) => owners.get(unit) === index - 1),
    shard: {
      index,
      count,
      points: units.length,
      split: createHash('sha256').update(split).digest('hex').slice(0, 12),
    },
  }
}

/**
 * The part of a plan that one shard runs. Rows of earlier runs balance the parts. Rows of this run do not: shards that
 * start later must split the plan in the same way. So rows are used only if the shards are known to share the run's id.
 */
export async function shardPlan(
  plan: Plan,
  tracks: readonly TrackWithPoints[],
  choice: ShardChoice,
  idIsShared: boolean,
): Promise<Plan> {
  const measured = idIsShared ? await predictFromRows(plan, { except: plan.run_id }) : undefined
  const costs = estimateCosts(tracks, measured)
  const units = plan.tracks.flatMap(({ name, points }) =>
    points.map(({ id }) => ({ track: name, point: id, cost: costs.get(`${name}/${id}`)! })),
  )
  const { units: taken, shard } = takeShard(units, choice)
  const keys = new Set(taken.map(({ track, point }) => `${track}/${point}`))
  return {
    ...plan,
    shard,
    whole: plan.tracks,
    tracks: plan.tracks.map((track) => ({
      ...track,
      points: track.points.filter(({ id }) => keys.has(`${track.name}/${id}`)),
    })),
  }
}

/**
 * The shard to run, from provemark's flag or from Vitest's own.
 * @throws ProvemarkError CONFIG_INVALID if the two disagree
 */
export function readShard(given: string | undefined, { config }: Vitest): ShardChoice | undefined {
  const { shard } = config
  if (!given) return shard
  // The flag's schema has checked it.
  const [index, count] = given.split('/').map(Number) as [number, number]
  if (shard && (shard.index !== index || shard.count !== count)) {
    throw refusePlan([
      {
        where: '--shard behind --',
        expected: `the shard that Vitest was given, ${shard.index}/${shard.count}`,
        given,
        hint: 'one of the two is enough',
      },
    ])
  }
  return { index, count }
}

/** Sets Vitest's shard, so that its reports mention it and can be merged. */
export function adoptShard(vitest: Vitest, project: TestProject, { index, count }: Shard): void {
  Object.assign(vitest.config, {
    shard: { index, count },
    // Vitest rejects more shards than files. Here points are sharded, not files.
    passWithNoTests: true,
  })
  // Shards run parts of the same files: without a label, merged reports would keep only one part of each.
  const label = vitest.config.mergeReportsLabel ?? `shard ${index} of ${count}`
  vitest.config.mergeReportsLabel = label
  project.config.mergeReportsLabel = label
}

type Environment = Readonly<Record<string, string | undefined>>

/** Variables that all jobs of one CI run or job array share, the most specific first. */
const SHARED_BY = {
  slurm: 'SLURM_ARRAY_JOB_ID',
  github: 'GITHUB_RUN_ID',
  gitlab: 'CI_PIPELINE_ID',
  buildkite: 'BUILDKITE_BUILD_ID',
  circleci: 'CIRCLE_WORKFLOW_ID',
  azure: 'BUILD_BUILDID',
  jenkins: 'BUILD_TAG',
}

interface RunIdSources {
  /** The id that the user gave. */
  given: string | undefined
  /** Whether this is one shard of a run. */
  sharded: boolean
  /** What all shards of a run share: its plan. */
  identity: unknown
  /** Git commit, which separates the base of a change from its head within one CI run. */
  commit: string | null | undefined
  env?: Environment
}

interface RunId {
  id: string
  /** Whether the other shards of the run get the same id. */
  shared: boolean
}

/**
 * Chooses the id of a run. Shards use the id of their CI run or job array. An unsharded run never does, since one CI
 * job may do two runs, such as the base and the head of a change.
 */
export function chooseRunId({ given, sharded, identity, commit, env = process.env }: RunIdSources): RunId {
  if (given) return { id: given, shared: true }
  const [engine, variable] = Object.entries(SHARED_BY).find(([, name]) => env[name]) ?? []
  if (!sharded || !engine || !variable) return { id: randomUUID(), shared: false }
  // Tasks of an array may wait for hours while the working folder changes, but the array is still one run.
  const whole = engine === 'slurm' ? [identity] : [identity, commit ?? null]
  const digest = createHash('sha256').update(canonicalJson(whole)).digest('hex').slice(0, 8)
  const id = env[variable]!.replaceAll(/[^\w.-]/g, '-')
  return { id: `${engine}-${id}-${digest}`, shared: true }
}
