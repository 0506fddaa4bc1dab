import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import type { Phase, Row } from '../row/schema.ts'
import { PHASES } from '../row/schema.ts'
import type { PointJob } from './job.ts'

/** What the system and other programs need of a disk, bytes. */
const RESERVE_BYTES = 64 * 2 ** 20

/** Why a point is not to be run here, where its artifacts do not fit on the disk; undefined where they do. */
export function findDiskShortage(job: PointJob): NonNullable<Row['error']> | undefined {
  const { plan, expectedBytes = {} } = job
  const bytes = PHASES.reduce(
    (sum, phase) => sum + (expectedBytes[phase] ?? 0) * plan.options.iterations[phase],
    0,
  )
  return refuseWithout(job, bytes, 'the artifacts of the point')
}

/** The same of one more iteration of a phase, by what its last one wrote. */
export function findIterationShortage(
  job: PointJob,
  phase: Phase,
  lastBytes: number | undefined,
): NonNullable<Row['error']> | undefined {
  return refuseWithout(job, lastBytes ?? 0, `one more ${phase}`)
}

function refuseWithout(
  { plan }: PointJob,
  bytes: number,
  what: string,
): NonNullable<Row['error']> | undefined {
  const freeBytes = plan.options.disk_guard === false ? undefined : findFreeBytes(plan.options.work_dir)
  if (freeBytes === undefined || freeBytes >= bytes + RESERVE_BYTES) return undefined
  return {
    code: 'DISK_FULL',
    message: `${what} need about ${toMb(bytes)} MB and some room to spare, and ${plan.options.work_dir} has ${toMb(freeBytes)} MB left`,
    hint: '--work-dir names a folder on another disk, --no-disk-guard runs it all the same',
  }
}

/** What the system's refusal of a file of ours means for an iteration; any other error is thrown on. */
export function explainFileError(error: unknown): NonNullable<Row['error']> {
  const { code, message } = error as NodeJS.ErrnoException
  if (!(error instanceof Error) || !code || error instanceof ProvemarkError) throw error
  return {
    code: code === 'ENOSPC' || code === 'EDQUOT' ? 'DISK_FULL' : 'FILE_UNWRITABLE',
    message: `the folder of the iteration: ${message}`,
    hint: '--work-dir names a folder on another disk',
  }
}

/** Free space of the disk that holds a folder, or that will hold it when it is made; undefined where unknown. */
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

/** Bytes of the artifacts that a row says its phase has written. A verify row repeats the size of the proof. */
export function writtenBytesOf(row: Row): number {
  if (row.phase === 'verify') return 0
  return Object.entries(row).reduce(
    (sum, [name, value]) => (name.endsWith('_size_bytes') && typeof value === 'number' ? sum + value : sum),
    0,
  )
}

function toMb(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}
