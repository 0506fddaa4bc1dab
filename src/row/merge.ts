import { createHash } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'
import { formatRow } from './append.ts'
import { readOutcome } from './outcome.ts'
import { phaseKey, pointName } from './point-key.ts'
import { type ReadOptions, readRowBatches } from './read.ts'
import type { Row } from './schema.ts'

/** One iteration of one run that two files tell differently. */
export interface RowConflict {
  row: Row
  file: string
  /** The file that told it first. */
  otherFile: string
}

export interface MergeCounts {
  rows: number
  /** Rows that were there already, equal in every field. */
  repeated: number
}

export interface MergeOptions extends ReadOptions {
  onConflict: (conflict: RowConflict) => void
}

/**
 * Lines of the rows of several files, in the order of the files, each row once. Memory grows by two short digests a
 * row. The generator returns how many there were.
 */
export async function* mergeRows(
  paths: readonly string[],
  { onConflict, ...options }: MergeOptions,
): AsyncGenerator<{ line: string; row: Row }, MergeCounts> {
  const seen = new Set<string>()
  const owners = new Map<string, string>()
  const counts = { rows: 0, repeated: 0 }
  for (const file of paths) {
    for await (const rows of readRowBatches(file, options)) {
      for (const row of rows) {
        const line = formatRow(row)
        const digest = digestOf(line)
        if (seen.has(digest)) {
          counts.repeated++
          continue
        }
        seen.add(digest)
        counts.rows++
        const identity = identityOf(row)
        const otherFile = identity && owners.get(identity)
        if (otherFile && otherFile !== file) onConflict({ row, file, otherFile })
        else if (identity) owners.set(identity, file)
        yield { line, row }
      }
    }
  }
  return counts
}

/**
 * What a run measures once: an iteration of a phase of a point, with one prover at one setting. Rows without a run or
 * an iteration, and those that measured nothing, have no such identity.
 */
function identityOf(row: Row): string | undefined {
  const outcome = readOutcome(row)
  if (row.run_id == null || row.iteration == null || outcome === 'skipped' || outcome === 'cancelled')
    return undefined
  const { run_id, iteration, side, settings, prover } = row
  return digestOf(
    canonicalJson([run_id, phaseKey(row), iteration, side ?? null, settings ?? null, prover ?? null]),
  )
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64').slice(0, 22)
}

/** `depth_d1 prove 2 of run x`, for a message. */
export function nameOfRow(row: Row): string {
  return `${pointName(row)} ${row.phase} ${row.iteration ?? ''} of run ${row.run_id}`
}
