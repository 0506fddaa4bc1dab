import type { Measurement } from '../row/schema.ts'
import type { MonitorMemory } from './monitor-protocol.ts'

/** Most page cache that a cgroup's peak may contain and still count as the memory of the processes. */
const FILE_CACHE_SHARE = 0.01

/** The least shared memory outside of RSS that matters to a figure. */
const SHARED_NOISE_MB = 1
const SHARED_SHARE = 0.01
/**
 * Differences up to this are no evidence of a gap: a cgroup also holds memory of the kernel, and other programs change
 * the system's shared memory.
 */
const UNKNOWN_NOISE_MB = 32
const UNKNOWN_SHARE = 0.25

/** Every peak that was measured, MB (2^20 bytes); absent if that source is not available. */
export interface RawMemory extends Partial<MonitorMemory> {
  /** Peak measured by pidusage, on systems without /proc. */
  pidusageMb?: number
}

type MemoryFields = Pick<
  Measurement,
  'mem_mb' | 'mem_source' | 'mem_lower_bound' | 'mem_mb_hwm' | 'mem_mb_cgroup' | 'mem_mb_psutil'
>

/**
 * The best of the available peaks. A single process has one exact peak, its high-water mark at exit. For a tree,
 * every figure is a lower bound, so the largest is the closest. The exception is the sum of RSS, which counts shared
 * pages several times; it is only used if nothing better is available. See docs/measurement.md.
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
  const all = Object.entries({ ...sums, sampled, pidusage: raw.pidusageMb })
  const [source, mb] = all.reduce((best, next) => ((next[1] ?? 0) > (best[1] ?? 0) ? next : best))
  return { source, mb }
}

/** The high-water mark does not include memory that no process has mapped. */
function isOneExactMark(raw: RawMemory): boolean {
  return raw.single === true && raw.hwmAtExit === true && !holdsShared(raw)
}

function holdsShared({ sharedMb = 0, hwmMb = 0 }: RawMemory): boolean {
  return sharedMb > Math.max(SHARED_NOISE_MB, hwmMb * SHARED_SHARE)
}

/** A cgroup counts every page of its processes except those of files that others had read before. */
function isExactTree(raw: RawMemory): boolean {
  return isCleanCgroup(raw) && raw.hwmAtExit === true
}

function isCleanCgroup({ cgroupMb, cgroupFileMb = 0 }: RawMemory): boolean {
  return cgroupMb !== undefined && cgroupFileMb < cgroupMb * FILE_CACHE_SHARE
}

/** What `mem_mb` may be missing, one sentence each; empty if nothing suggests a gap. */
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
