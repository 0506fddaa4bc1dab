import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Plan, PlannedTrack } from '../plan/plan.ts'
import { readRowBatches } from '../row/read.ts'
import type { Row } from '../row/schema.ts'

/** Rows that earlier processes of a resumed run wrote for a track; none for a new run. */
export async function readEarlierRows(plan: Plan, { name, results }: PlannedTrack): Promise<Row[]> {
  if (!plan.resumed || !existsSync(results)) return []
  const rows: Row[] = []
  for await (const batch of readRowBatches(results)) {
    for (const row of batch) if (row.run_id === plan.run_id && row.track === name) rows.push(row)
  }
  return rows
}

/**
 * How much of a results file is read at first: recent rows are enough to know what a point needs, and reading old ones
 * takes time.
 */
const TAIL_BYTES = 4 * 2 ** 20

/**
 * Reads the last rows of a results file at first, and then the rows appended since the last call; none if there is no
 * file. They are not checked against the schema, which would take longer.
 */
export function followRows(path: string): () => Promise<Partial<Row>[]> {
  /** Where the first line starts that was incomplete when last read. */
  let position = 0
  return async () => {
    const file = await open(path).catch(() => undefined)
    if (!file) return []
    try {
      const { size } = await file.stat()
      // A file that has become shorter has been replaced.
      const start = Math.max(position <= size ? position : 0, size - TAIL_BYTES)
      const bytes = Buffer.alloc(size - start)
      await file.read(bytes, 0, bytes.length, start)
      const end = bytes.lastIndexOf('\n') + 1
      position = start + end
      return bytes.toString('utf8', 0, end).split('\n').flatMap(tryParse)
    } finally {
      await file.close()
    }
  }
}

function tryParse(line: string): Partial<Row>[] {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? [value as Partial<Row>] : []
  } catch {
    return []
  }
}
