import type { Measurement } from '../row/schema.ts'

/** Page cache that a cgroup's peak may hold and still stand for the memory of the processes. */
const FILE_CACHE_SHARE = 0.01

/** Every peak that was had, MB (2^20 bytes); absent where there is no such source. */
export interface RawMemory {
  /** Kernel's high-water mark of RSS, of the process of the tree that had the highest. */
  hwmMb?: number | undefined
  /** Whether `hwmMb` is the mark of processes that had ended: while one lives, it may still rise. */
  hwmAtExit?: boolean | undefined
  /** Whether one process was all there ever was. */
  single?: boolean | undefined
  /** Peak of the phase's cgroup, and the most page cache that was seen in it. */
  cgroupMb?: number | undefined
  cgroupFileMb?: number | undefined
  /** Peak of the sampled sums over the tree; in PSS a page that n processes share counts as 1/n. */
  sampledRssMb?: number | undefined
  sampledPssMb?: number | undefined
  /** Peak by pidusage, where there is no /proc. */
  pidusageMb?: number | undefined
}

type MemoryFields = Pick<
  Measurement,
  'mem_mb' | 'mem_source' | 'mem_lower_bound' | 'mem_mb_hwm' | 'mem_mb_cgroup' | 'mem_mb_psutil'
>

/**
 * The best peak among those that were had. One process has one exact peak, its mark at exit. Of a tree each figure is
 * at most what it really held, so the largest is the nearest; only the sum of RSS counts shared pages again and
 * again, and stands back where there is a better one. docs/measurement.md says more.
 */
export function chooseMemory(raw: RawMemory): MemoryFields {
  const { source, mb } = isOneExactMark(raw) ? { source: 'hwm', mb: raw.hwmMb } : chooseOfTree(raw)
  return {
    mem_mb: mb ?? null,
    mem_source: mb === undefined ? null : source,
    mem_lower_bound: mb === undefined ? null : !(isOneExactMark(raw) || isExactTree(raw)),
    mem_mb_hwm: raw.hwmMb ?? null,
    mem_mb_cgroup: raw.cgroupMb ?? null,
    mem_mb_psutil: raw.sampledRssMb ?? raw.pidusageMb ?? null,
  }
}

function chooseOfTree(raw: RawMemory): { source: string; mb: number | undefined } {
  const clean = isCleanCgroup(raw)
  const sums = { cgroup: clean ? raw.cgroupMb : undefined, hwm: raw.hwmMb, pss: raw.sampledPssMb }
  const sampled = sums.cgroup === undefined && sums.pss === undefined ? raw.sampledRssMb : undefined
  const all = Object.entries({ ...sums, sampled, pidusage: raw.pidusageMb }).map(([source, mb]) => ({
    source,
    mb,
  }))
  return all.reduce((best, next) => ((next.mb ?? 0) > (best.mb ?? 0) ? next : best))
}

function isOneExactMark({ single, hwmAtExit }: RawMemory): boolean {
  return single === true && hwmAtExit === true
}

/** A cgroup misses no page of its processes, but for those of files that others had read before. */
function isExactTree(raw: RawMemory): boolean {
  return isCleanCgroup(raw) && raw.hwmAtExit === true
}

function isCleanCgroup({ cgroupMb, cgroupFileMb = 0 }: RawMemory): boolean {
  return cgroupMb !== undefined && cgroupFileMb < cgroupMb * FILE_CACHE_SHARE
}
