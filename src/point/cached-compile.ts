import { mkdir } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Row } from '../row/schema.ts'
import { pathsOfWrites } from './artifacts.ts'
import type { Link } from './chain.ts'
import { restoreCircuit } from './circuit-cache/restore.ts'
import { storeCircuit } from './circuit-cache/store.ts'
import type { PointJob } from './job.ts'
import { placeOwnInput } from './own-input.ts'
import type { PreparedPoint } from './prepare-point.ts'

interface Place {
  iteration: number
  /** Folder of the iteration. */
  dir: string
}

/**
 * A compile from the cache, in place of one that would run unrecorded; never in place of one that is measured.
 * Undefined where there is none.
 */
export async function takeCompile(
  { plan, point, prover, planned }: PointJob,
  { circuitKey, start }: PreparedPoint,
  { iteration, dir }: Place,
): Promise<Link | undefined> {
  if (!circuitKey || !start || !plan.options.circuit_cache_mb) return undefined
  const restored = await restoreCircuit(circuitKey, dir)
  if (restored.state === 'damaged')
    console.log(`${point.id}: the compiled circuit in the cache was damaged, and is made again`)
  if (restored.state !== 'restored') return undefined
  console.log(`${point.id}: takes the compiled circuit from the cache, since its compile is not measured`)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const input = await placeOwnInput(prover, start.files, planned.settings, dir)
  const { circuit_sha256, extra } = restored.manifest
  const files = { ...start.files, input, ...pathsOfWrites(prover, 'compile', dir) }
  return { iteration, status: 'ok', files, circuit_sha256, extra }
}

/** Keeps a good compile for later runs; one that was measured only where that costs little of the run's time. */
export async function keepCompile(
  { plan, planned }: PointJob,
  { circuitKey }: PreparedPoint,
  ran: { row: Row; link: Link; dir: string; isMeasured: boolean },
): Promise<void> {
  const { row, link, dir } = ran
  if (!circuitKey || !plan.options.circuit_cache_mb || row.phase !== 'compile' || row.status !== 'ok') return
  const compiled = {
    dir,
    prover: { name: planned.name, version: planned.located.version },
    model: basename(row.model ?? ''),
    circuit_sha256: link.circuit_sha256,
    extra: { ...link.extra },
    timeS: ran.isMeasured ? (row.time_s ?? 0) : null,
  }
  await storeCircuit(circuitKey, compiled, plan.options.circuit_cache_mb * 2 ** 20)
}
