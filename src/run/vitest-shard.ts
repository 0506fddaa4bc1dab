import { refusePlan } from '../config/problems.ts'
import type { TestProject, Vitest } from 'vitest/node'
import type { Shard } from '../row/schema.ts'
import { parseShard, type ShardChoice } from './shard.ts'

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
