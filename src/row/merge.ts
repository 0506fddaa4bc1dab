import { createHash } from 'node:crypto'
import { ProvemarkError } from '../errors.ts'
import { writePieces } from '../lib/whole-file.ts'
import { getOrAdd } from './collections.ts'
import { pointName, seriesKey } from './identity.ts'
import { canonicalJson } from './json.ts'
import { readOutcome, runOf } from './outcome.ts'
import { type ReadOptions, readRowBatches } from './read.ts'
import type { Row, Shard } from './schema.ts'
import { formatRow } from './write.ts'

interface Merged {
  rows: number
  /** Duplicates: rows equal in every field to one seen before. */
  repeated: number
  /** Ids of the runs that the rows belong to; the run of the last row comes last. */
  runs: Set<string | null>
  /** Shards that are missing or do not fit the others, as sentences. */
  shardProblems: string[]
}

/**
 * Merges the rows of several files into one, in file order, each row once. The output appears either whole or not at
 * all. Memory grows by two short digests per row.
 * @throws ProvemarkError ROWS_CONFLICT if two files disagree on one iteration of one run, NO_ROWS, ROWS_UNREADABLE,
 * FILE_UNWRITABLE
 */
export async function writeMerged(
  paths: readonly string[],
  output: string,
  options: ReadOptions = {},
): Promise<Merged> {
  return writePieces(output, (write) => mergeRows(paths, write, options))
}

async function mergeRows(
  paths: readonly string[],
  write: (text: string) => Promise<void>,
  options: ReadOptions,
): Promise<Merged> {
  const seen = new Set<string>()
  const owners = new Map<string, string>()
  const conflicts: RowConflict[] = []
  const census = new ShardCensus()
  const runs = new Set<string | null>()
  let repeated = 0
  for (const file of paths) {
    for await (const rows of readRowBatches(file, options)) {
      let lines = ''
      for (const row of rows) {
        const line = formatRow(row)
        const digest = digestOf(line)
        if (seen.has(digest)) {
          repeated++
          continue
        }
        seen.add(digest)
        const identity = identityOf(row)
        const otherFile = identity && owners.get(identity)
        if (otherFile && otherFile !== file) conflicts.push({ row, file, otherFile })
        else if (identity) owners.set(identity, file)
        census.add(row)
        const run = runOf(row)
        // Move it to the end: summary and gate take the last run.
        runs.delete(run)
        runs.add(run)
        lines += line
      }
      await write(lines)
    }
  }
  if (conflicts.length) throw refuseConflicts(conflicts)
  if (!seen.size) throw new ProvemarkError('NO_ROWS', `no row in ${paths.join(', ')}`)
  return { rows: seen.size, repeated, runs, shardProblems: census.findProblems() }
}

/**
 * Identity of what a run measures only once: an iteration of a phase of a point, with one variant.
 * Undefined for rows without a run or an iteration, and for rows that measured nothing.
 */
function identityOf(row: Row): string | undefined {
  const outcome = readOutcome(row)
  if (row.run_id == null || row.iteration == null || outcome === 'skipped' || outcome === 'cancelled')
    return undefined
  const { run_id, iteration, side, prover } = row
  return digestOf(canonicalJson([run_id, seriesKey(row), iteration, side ?? null, prover ?? null]))
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64').slice(0, 22)
}

/** One iteration of one run for which two files hold different rows. */
interface RowConflict {
  row: Row
  file: string
  /** The file that held it first. */
  otherFile: string
}

const MAX_CONFLICTS_SHOWN = 5

function refuseConflicts(conflicts: readonly RowConflict[]): ProvemarkError {
  const lines = conflicts.slice(0, MAX_CONFLICTS_SHOWN).map(({ row, file, otherFile }) => {
    const name = `${pointName(row)} ${row.phase} ${row.iteration ?? ''} of run ${row.run_id}`
    return `  - ${name}: in ${otherFile} and, with other figures, in ${file}`
  })
  const more = conflicts.length - lines.length
  return new ProvemarkError(
    'ROWS_CONFLICT',
    `${conflicts.length} measured twice in one run, nothing was written\n${lines.join('\n')}${more ? `\n  and ${more} more` : ''}`,
    { hint: 'merge the files of one attempt only: a shard that ran again has its points twice' },
  )
}

/** Checks the rows of sharded runs: every shard must be present, and all must split the run in the same way. */
export class ShardCensus {
  readonly #runs = new Map<string | null, Map<string, Shard>>()

  add(row: Row): void {
    if (!row.shard) return
    const { index, count, split } = row.shard
    const shards = getOrAdd(this.#runs, runOf(row), () => new Map<string, Shard>())
    shards.set(`${index}/${count} ${split}`, row.shard)
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
