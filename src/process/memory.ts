import type { Measurement } from '../row/schema.ts'

/** Page cache that a cgroup's peak may hold and still stand for the memory of the processes. */
const FILE_CACHE_SHARE = 0.01

/** Shared memory outside of RSS that changes a figure. */
const SHARED_NOISE_MB = 1
const SHARED_SHARE = 0.01
/** What a cgroup may hold beyond RSS for the kernel's own sake, and what others move the system's shared memory by. */
const UNKNOWN_NOISE_MB = 32
const UNKNOWN_SHARE = 0.25

/** Every peak that was had, MB (2^20 bytes); absent where there is no such source. */
export interface RawMemory {
  /** Kernel's high-water mark of RSS, of the process of the tree that had the highest. */
  hwmMb?: number | undefined
  /** Whether `hwmMb` is the mark of processes that had ended: while one lives, it may still rise. */
  hwmAtExit?: boolean | undefined
  /** Whether one process was all there ever was. */
  single?: boolean | undefined
  /** Peak of the phase's cgroup, and the most page cache that was seen in it: files that the kernel can drop. */
  cgroupMb?: number | undefined
  cgroupFileMb?: number | undefined
  /** The most of its shared memory (memfd, tmpfs) that was in no process's RSS. */
  sharedMb?: number | undefined
  /** The most that such memory and the largest process held at once. */
  heldMb?: number | undefined
  /** What shared memory of the whole system grew by, where nothing counts the phase's own. */
  systemSharedMb?: number | undefined
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
  const sums = {
    cgroup: clean ? raw.cgroupMb : undefined,
    hwm: raw.hwmMb,
    pss: raw.sampledPssMb,
    shared: raw.heldMb,
  }
  const sampled = sums.cgroup === undefined && sums.pss === undefined ? raw.sampledRssMb : undefined
  const all = Object.entries({ ...sums, sampled, pidusage: raw.pidusageMb }).map(([source, mb]) => ({
    source,
    mb,
  }))
  return all.reduce((best, next) => ((next.mb ?? 0) > (best.mb ?? 0) ? next : best))
}

/** A mark misses what is mapped nowhere. */
function isOneExactMark(raw: RawMemory): boolean {
  return raw.single === true && raw.hwmAtExit === true && !holdsShared(raw)
}

function holdsShared({ sharedMb = 0, hwmMb = 0 }: RawMemory): boolean {
  return sharedMb > Math.max(SHARED_NOISE_MB, hwmMb * SHARED_SHARE)
}

/** A cgroup misses no page of its processes, but for those of files that others had read before. */
function isExactTree(raw: RawMemory): boolean {
  return isCleanCgroup(raw) && raw.hwmAtExit === true
}

function isCleanCgroup({ cgroupMb, cgroupFileMb = 0 }: RawMemory): boolean {
  return cgroupMb !== undefined && cgroupFileMb < cgroupMb * FILE_CACHE_SHARE
}

/** What `mem_mb` may lack, a sentence each; empty where nothing says that it lacks anything. */
export function warnOfMemory(raw: RawMemory): string[] {
  const { mem_mb } = chooseMemory(raw)
  const floorMb = Math.max(UNKNOWN_NOISE_MB, (mem_mb ?? 0) * UNKNOWN_SHARE)
  const { systemSharedMb = 0, cgroupMb = 0 } = raw
  const beyondMb = isCleanCgroup(raw) ? cgroupMb - (mem_mb ?? 0) : 0
  return [
    systemSharedMb > floorMb &&
      `shared memory and huge pages of the system grew by up to ${systemSharedMb.toFixed(0)} MB meanwhile: what of it is the phase's own (memfd, /dev/shm, tmpfs) is not in mem_mb`,
    beyondMb > floorMb &&
      `the phase's cgroup held ${beyondMb.toFixed(0)} MB more than mem_mb: short-lived shared memory (memfd, tmpfs), or the kernel's own`,
  ].filter((warning) => warning !== false)
}
