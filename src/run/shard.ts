import { createHash } from 'node:crypto'
import type { Shard } from '../row/schema.ts'
import { canonicalJson } from '../row/canonical-json.ts'

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
export function parseShard(text: string): ShardChoice {
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
