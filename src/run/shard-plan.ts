import type { Plan } from '../plan/plan.ts'
import { keepPoints, type TrackWithPoints } from './plan-tracks.ts'
import { estimateCosts } from './point-cost.ts'
import { predictFromRows } from './predict.ts'
import { takeShard, type ShardChoice } from './shard.ts'

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
