import { open } from 'node:fs/promises'
import type { Row } from '../row/schema.ts'
import { type PhaseBytes, writtenBytesOf } from './disk-guard.ts'

/** The end of a results file that is looked at: recent rows say what a point writes, and old ones cost time. */
const TAIL_BYTES = 4 * 2 ** 20

/** Bytes that a phase of a point wrote when it was measured last, by point and name of the prover. */
export type KnownSizes = ReadonlyMap<string, PhaseBytes>

export function sizeKeyOf(point: string, prover: string): string {
  return `${point}\0${prover}`
}

/** What the last rows of a results file say of the artifacts of its points; empty where there is no file. */
export async function readKnownSizes(results: string): Promise<KnownSizes> {
  const sizes = new Map<string, PhaseBytes>()
  for (const line of (await readTail(results)).split('\n')) {
    const row = tryParse(line)
    if (row?.status !== 'ok' || !row.point || !row.prover) continue
    const key = sizeKeyOf(row.point, row.prover.name)
    sizes.set(key, { ...sizes.get(key), [row.phase]: writtenBytesOf(row) })
  }
  return sizes
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

/** Only a few fields are looked at: a line is not checked against the whole schema for them. */
function tryParse(line: string): Pick<Row, 'status' | 'point' | 'prover' | 'phase'> | undefined {
  try {
    return JSON.parse(line) as Row
  } catch {
    return undefined
  }
}
