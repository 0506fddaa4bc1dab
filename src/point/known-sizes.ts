import type { Row } from '../row/schema.ts'
import { writtenBytesOf } from './disk-guard.ts'
import type { PhaseBytes } from './job.ts'
import { RecentRows } from './recent-rows.ts'

/** Bytes that a phase of a point wrote when it was measured last, by point and name of the prover. */
export type KnownSizes = ReadonlyMap<string, PhaseBytes>

export function sizeKeyOf(point: string, prover: string): string {
  return `${point}\0${prover}`
}

/** What the last rows of a results file say of the artifacts of its points; empty where there is no file. */
export async function readKnownSizes(results: string): Promise<KnownSizes> {
  const sizes = new Map<string, PhaseBytes>()
  for (const row of await new RecentRows(results).readNew()) {
    if (row.status !== 'ok' || !row.phase || !row.point || !row.prover) continue
    const key = sizeKeyOf(row.point, row.prover.name)
    sizes.set(key, { ...sizes.get(key), [row.phase]: writtenBytesOf(row as Row) })
  }
  return sizes
}
