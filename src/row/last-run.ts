import { open } from 'node:fs/promises'
import { ProvemarkError } from '../errors.ts'
import { parseRow } from './parse-row.ts'
import { readRowBatches } from './read.ts'
import { runOf } from './runs.ts'

const TAIL_BYTES = 2 ** 18

/**
 * The run of a file's last row, null where that has no id or there is no row. Read from the file's end: the rows
 * themselves need be read but once then, with nothing of the other runs held.
 * @throws ProvemarkError ROWS_UNREADABLE
 */
export async function readLastRun(file: string): Promise<string | null> {
  const tail = await readTail(file)
  for (const line of tail?.toReversed() ?? []) {
    try {
      if (line.trim() !== '') return runOf(parseRow(line))
    } catch (error) {
      if (!(error instanceof ProvemarkError)) throw error
    }
  }
  // A file whose end holds no whole row, or that cannot be opened: reading it says what is wrong.
  let last: string | null = null
  for await (const rows of readRowBatches(file, { onProblem: () => {} })) {
    for (const row of rows) last = runOf(row)
  }
  return last
}

/** The whole lines at the end of a file; null where it is no file that can be read from any place. */
async function readTail(file: string): Promise<string[] | null> {
  const handle = await open(file).catch(() => null)
  if (!handle) return null
  try {
    const stat = await handle.stat()
    if (stat.isDirectory()) return null
    if (!stat.isFile()) {
      throw new ProvemarkError('ROWS_UNREADABLE', `cannot read ${file}: it is no regular file`, {
        hint: 'its last run stands at its end: take all with --run all, or write the rows to a file first',
      })
    }
    const start = Math.max(0, stat.size - TAIL_BYTES)
    const bytes = Buffer.alloc(stat.size - start)
    await handle.read(bytes, 0, bytes.length, start)
    const lines = bytes.toString('utf8').split('\n')
    return start > 0 ? lines.slice(1) : lines
  } finally {
    await handle.close()
  }
}
