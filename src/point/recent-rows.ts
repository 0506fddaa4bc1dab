import { open } from 'node:fs/promises'
import type { Row } from '../row/schema.ts'

/** The end of a results file that is looked at: recent rows say what a point takes, and old ones cost time. */
const TAIL_BYTES = 4 * 2 ** 20

/**
 * The last rows of a results file; none where there is no file. They are not checked against the schema, for that
 * would cost more than what is looked at is worth.
 */
export async function readRecentRows(results: string): Promise<Partial<Row>[]> {
  return (await readTail(results)).split('\n').flatMap(tryParse)
}

async function readTail(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined)
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES))
    await file.read(bytes, 0, bytes.length, size - bytes.length)
    return bytes.toString('utf8')
  } finally {
    await file.close()
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
