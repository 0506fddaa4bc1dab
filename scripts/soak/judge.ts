import type { SoakResult } from './run.ts'
import type { Footprint } from './watch.ts'

/** RSS that the harness may gain over the second half of a soak, in addition to what it keeps per row, MB. */
const MOST_GROWTH_MB = 48
/** Until then a worker's heap still grows to its working size, s; and by how much it may, MB. */
const WARM_UP_S = 15
const WARM_UP_MB = 96
/** What Vitest and the card keep per row, KB: rows are few, and the card covers all of them. */
const KEPT_OF_ROW_KB = 16

export interface Growth {
  /** Median of the second quarter of the time, and of the last. */
  early: number
  late: number
}

export function growthOf(footprints: readonly Footprint[], read: (footprint: Footprint) => number): Growth {
  const quarter = Math.floor(footprints.length / 4)
  return {
    early: median(footprints.slice(quarter, 2 * quarter).map(read)),
    late: median(footprints.slice(-quarter).map(read)),
  }
}

/** What is wrong with a soak; empty if everything went as it should. */
export function findFaults({ account, footprints, survivors, leftOver, exitCode }: SoakResult): string[] {
  const memory = growthOf(footprints, ({ mainMb, workerMb }) => mainMb + workerMb)
  const handles = growthOf(footprints, (footprint) => footprint.handles)
  const isWarm = (footprints[Math.floor(footprints.length / 4)]?.atS ?? 0) >= WARM_UP_S
  const allowedMb = MOST_GROWTH_MB + (isWarm ? 0 : WARM_UP_MB) + (account.rows * KEPT_OF_ROW_KB) / 1024
  return [
    ...(account.missing.length
      ? [`${account.missing.length} processes have no row: ${account.missing[0]}`]
      : []),
    ...(account.unexplained.length ? [`${account.unexplained.length} rows are of no process`] : []),
    ...((account.statuses['cancelled'] ?? 0) > 1 ? ['more phases were cancelled than ran at Ctrl+C'] : []),
    ...(account.unreadable ? [`${account.unreadable} lines are not rows`] : []),
    ...(survivors.length ? [`${survivors.length} processes are left`] : []),
    ...(leftOver.length ? [`left in the work folder: ${leftOver.join(', ')}`] : []),
    ...(exitCode === 130 ? [] : [`exit code ${exitCode} after Ctrl+C`]),
    ...(memory.late - memory.early > allowedMb
      ? [`memory grew from ${Math.round(memory.early)} to ${Math.round(memory.late)} MB`]
      : []),
    ...(handles.late - handles.early > 5
      ? [`open handles grew from ${handles.early} to ${handles.late}`]
      : []),
  ]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
