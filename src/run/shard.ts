import { createHash } from 'node:crypto'
import type { TestProject, Vitest } from 'vitest/node'
import { refusePlan } from '../config/problems.ts'
import type { Plan } from '../plan/plan.ts'
import { canonicalJson } from '../row/json.ts'
import type { Shard } from '../row/schema.ts'
import { keepPoints, type TrackWithPoints } from './plan-tracks.ts'
import { estimateCosts, predictFromRows } from './point-cost.ts'

/** What a run is split by: a point with all its provers, its phases and iterations. */
export interface Unit {
  track: string
  point: string
  /** Anything that grows with the time that the point takes; only its ratio to that of other points counts. */
  cost: number
}

/** Which of how many shards: `2/4`. */
export interface ShardChoice {
  index: number
  count: number
}

/** Reads what the schema of the flag has let through. */
function parseShard(text: string): ShardChoice {
  const [index, count] = text.split('/').map(Number) as [number, number]
  return { index, count }
}

/**
 * The part of one shard: the dearest point first, each to the shard that has least to do so far. Equal units give
 * equal parts on every machine; a shard is left empty only where there are fewer points than shards, and then the
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
    // A cost of nothing would heap all such points on one shard.
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
 * The part of a plan that one shard runs. Rows of earlier runs balance the parts, those of the run itself do not:
 * shards that start later must not split otherwise than the first one did. So rows count only where the shards are
 * known to share the run's id.
 */
export async function shardPlan(
  plan: Plan,
  tracks: readonly TrackWithPoints[],
  choice: ShardChoice,
  idIsShared: boolean,
): Promise<Plan> {
  const measured = idIsShared ? await predictFromRows(plan, { except: plan.run_id }) : undefined
  const all = tracks.flatMap((track) =>
    track.points.map((point) => ({ track: track.planned.name, point: point.id, own: point })),
  )
  const costs = estimateCosts(
    all.map(({ track, point, own }) => ({
      point: own,
      measuredS: measured?.get(`${track}/${point}`)?.timeS,
    })),
  )
  const { units, shard } = takeShard(
    all.map((unit, i) => ({ ...unit, cost: costs[i]! })),
    choice,
  )
  const taken = new Set(units.map(({ own }) => own))
  return {
    ...plan,
    shard,
    whole: plan.tracks,
    tracks: tracks.map((track) => keepPoints(track, (point) => taken.has(point)).planned),
  }
}

/**
 * The shard that the user wants, by our flag or by Vitest's own.
 * @throws ProvemarkError CONFIG_INVALID where the two name different ones
 */
export function readShard(given: string | undefined, { config }: Vitest): ShardChoice | undefined {
  const { shard } = config
  if (!given) return shard
  const choice = parseShard(given)
  if (shard && (shard.index !== choice.index || shard.count !== choice.count)) {
    throw refusePlan([
      {
        where: '--shard behind --',
        expected: `the shard that Vitest was given, ${shard.index}/${shard.count}`,
        given,
        hint: 'one of the two is enough',
      },
    ])
  }
  return choice
}

/** Tells Vitest which shard runs, so that its reports say so and can be merged. */
export function adoptShard(vitest: Vitest, project: TestProject, { index, count }: Shard): void {
  Object.assign(vitest.config, {
    shard: { index, count },
    // Vitest counts files and refuses more shards than it has of them. Rows are what we count.
    passWithNoTests: true,
  })
  // Shards hold parts of the same files: without a label, merged reports would keep one part of each.
  const label = vitest.config.mergeReportsLabel ?? `shard ${index} of ${count}`
  vitest.config.mergeReportsLabel = label
  project.config.mergeReportsLabel = label
}
