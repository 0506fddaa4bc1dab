import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import { type Variant, variantOf } from '../row/identity.ts'
import { canonicalJson } from '../row/json.ts'
import { PHASES, type Phase, type Row } from '../row/schema.ts'
import { followRows } from './earlier-rows.ts'
import type { RowError } from './phase-row.ts'
import type { PhaseBytes, PointJob } from './point.ts'

/** Disk space left for the system and other programs, bytes. */
const RESERVE_BYTES = 64 * 2 ** 20

/** Why a point is skipped: its artifacts do not fit on the disk. Undefined if they do. */
export function findDiskShortage(job: PointJob): RowError | undefined {
  const { expectedBytes = {} } = job
  const { iterations } = job.plan.options
  const bytes = PHASES.reduce((sum, phase) => sum + (expectedBytes[phase] ?? 0) * iterations[phase], 0)
  return refuseWithout(job, bytes, 'the artifacts of the point')
}

/** The same for one more iteration of a phase, judged by what the previous one wrote. */
export function findIterationShortage(
  job: PointJob,
  phase: Phase,
  lastBytes: number | undefined,
): RowError | undefined {
  return refuseWithout(job, lastBytes ?? 0, `one more ${phase}`)
}

function refuseWithout({ plan }: PointJob, bytes: number, what: string): RowError | undefined {
  const { disk_guard, work_dir } = plan.options
  const freeBytes = disk_guard ? findFreeBytes(work_dir) : undefined
  if (freeBytes === undefined || freeBytes >= bytes + RESERVE_BYTES) return undefined
  return {
    code: 'DISK_FULL',
    message: `${what} need about ${toMb(bytes)} MB and a reserve, and ${work_dir} has ${toMb(freeBytes)} MB left`,
    hint: '--work-dir names a folder on another disk, --no-disk-guard runs it anyway',
  }
}

const toMb = (bytes: number) => Math.round(bytes / 2 ** 20)

/** Free space on the disk of a folder, which need not exist yet; undefined if unknown. */
function findFreeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch (error) {
    const above = dirname(folder)
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT' && above !== folder
    return isMissing ? findFreeBytes(above) : undefined
  }
}

/** Turns a failed write to one of our files into the error of an iteration; rethrows any other error. */
export function explainFileError(error: unknown): RowError {
  const { code, message } = error as NodeJS.ErrnoException
  if (!(error instanceof Error) || !code || error instanceof ProvemarkError) throw error
  return {
    code: code === 'ENOSPC' || code === 'EDQUOT' ? 'DISK_FULL' : 'FILE_UNWRITABLE',
    message: `the folder of the iteration: ${message}`,
    hint: '--work-dir names a folder on another disk',
  }
}

/** Bytes of the artifacts that a phase wrote, according to its row. A verify row repeats the size of the proof. */
export function writtenBytesOf(row: Partial<Row>): number {
  if (row.phase === 'verify') return 0
  return Object.entries(row).reduce(
    (sum, [name, value]) => (name.endsWith('_size_bytes') && typeof value === 'number' ? sum + value : sum),
    0,
  )
}

/** Bytes that each phase of a point wrote when it was last measured, by point and variant: settings change sizes. */
type KnownSizes = ReadonlyMap<string, PhaseBytes>

export function sizeKeyOf(point: string, { prover, parts }: Variant): string {
  return canonicalJson([point, prover, parts])
}

/** Sizes of artifacts from the last rows of a results file; empty if there is no file. */
export async function readKnownSizes(results: string): Promise<KnownSizes> {
  const sizes = new Map<string, PhaseBytes>()
  for (const row of await followRows(results)()) {
    if (row.status !== 'ok' || !row.phase || !row.point || !row.prover) continue
    const key = sizeKeyOf(row.point, variantOf(row as Row))
    sizes.set(key, { ...sizes.get(key), [row.phase]: writtenBytesOf(row) })
  }
  return sizes
}
