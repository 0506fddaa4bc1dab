import { getOrAdd } from './collections.ts'
import { runOf } from './outcome.ts'
import type { Row, Shard } from './schema.ts'

/** Checks the rows of sharded runs: every shard must be present, and all must split the run in the same way. */
export class ShardCensus {
  readonly #runs = new Map<string | null, Map<string, Shard>>()

  add(row: Row): void {
    if (!row.shard) return
    const { index, count, split } = row.shard
    getOrAdd(this.#runs, runOf(row), () => new Map<string, Shard>()).set(
      `${index}/${count} ${split}`,
      row.shard,
    )
  }

  /** Problems of the merged run, as sentences. */
  findProblems(): string[] {
    return [...this.#runs].flatMap(([run, shards]) =>
      describeProblems(run ?? 'without an id', [...shards.values()]),
    )
  }
}

function describeProblems(run: string, shards: readonly Shard[]): string[] {
  const [{ count, points }] = shards as [Shard, ...Shard[]]
  if (new Set(shards.map((own) => own.split)).size > 1) {
    const named = shards.map((own) => `${own.index}/${own.count}`).join(', ')
    return [
      `run ${run}: shards ${named} were split in different ways, so points may be missing or there twice`,
    ]
  }
  const there = new Set(shards.map(({ index }) => index))
  // With fewer points than shards, the last shards are empty and have no rows.
  const missing = Array.from({ length: Math.min(count, points) }, (_, i) => i + 1).filter(
    (i) => !there.has(i),
  )
  if (!missing.length) return []
  return [`run ${run}: no row of shard ${missing.map((index) => `${index}/${count}`).join(', ')}`]
}
