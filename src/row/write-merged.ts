import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import { mergeRows, nameOfRow, type MergeCounts, type RowConflict } from './merge.ts'
import type { ReadOptions } from './read.ts'
import { runOf } from './runs.ts'
import { ShardCensus } from './shards.ts'

const MAX_CONFLICTS_SHOWN = 5
const BATCH_LENGTH = 2 ** 20

export interface Merged extends MergeCounts {
  /** Ids of the runs that the rows are of, the last row's last. */
  runs: Set<string | null>
  /** Shards that are missing or do not fit the others, as sentences. */
  shardProblems: string[]
}

/**
 * Writes the rows of several files into one, which appears whole or not at all.
 * @throws ProvemarkError ROWS_CONFLICT where two files tell one iteration of one run differently, NO_ROWS,
 * ROWS_UNREADABLE, FILE_UNWRITABLE
 */
export async function writeMerged(
  paths: readonly string[],
  output: string,
  options: ReadOptions = {},
): Promise<Merged> {
  const unfinished = `${output}.${process.pid}.tmp`
  try {
    const merged = await writeRows(paths, unfinished, options)
    await rename(unfinished, output)
    return merged
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (cause instanceof ProvemarkError || !code) throw cause
    throw new ProvemarkError('FILE_UNWRITABLE', `cannot write ${output}: ${message}`, {
      cause,
      hint: 'see that its folder can be written and its disk is not full',
    })
  } finally {
    await rm(unfinished, { force: true })
  }
}

async function writeRows(paths: readonly string[], file: string, options: ReadOptions): Promise<Merged> {
  const conflicts: RowConflict[] = []
  const census = new ShardCensus()
  const runs = new Set<string | null>()
  const merge = mergeRows(paths, { ...options, onConflict: (conflict) => conflicts.push(conflict) })
  await mkdir(dirname(file), { recursive: true })
  const handle = await open(file, 'w')
  try {
    let batch = ''
    let next = await merge.next()
    for (; !next.done; next = await merge.next()) {
      const { line, row } = next.value
      batch += line
      census.add(row)
      const run = runOf(row)
      // Put at the end again: the last one is the one that summary and gate take.
      runs.delete(run)
      runs.add(run)
      if (batch.length < BATCH_LENGTH) continue
      await handle.write(batch)
      batch = ''
    }
    await handle.write(batch)
    if (conflicts.length) throw refuseConflicts(conflicts)
    if (!next.value.rows) throw new ProvemarkError('NO_ROWS', `no row in ${paths.join(', ')}`)
    return { ...next.value, runs, shardProblems: census.findProblems() }
  } finally {
    await handle.close()
  }
}

function refuseConflicts(conflicts: readonly RowConflict[]): ProvemarkError {
  const lines = conflicts
    .slice(0, MAX_CONFLICTS_SHOWN)
    .map(
      ({ row, file, otherFile }) =>
        `  - ${nameOfRow(row)}: in ${otherFile} and, with other figures, in ${file}`,
    )
  const more = conflicts.length - lines.length
  return new ProvemarkError(
    'ROWS_CONFLICT',
    `${conflicts.length} measured twice in one run, nothing was written\n${lines.join('\n')}${more ? `\n  and ${more} more` : ''}`,
    { hint: 'merge the files of one attempt only: a shard that ran again has its points twice' },
  )
}
