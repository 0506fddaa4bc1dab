import { writeFileSync } from 'node:fs'
import { HAS_PROC, readChildren, readMemory, readStat } from '../system/proc.ts'
import type { RawMemory } from './memory.ts'

const SAMPLE_INTERVAL_MS = 20

export interface TreeReading {
  cpuUserS: number | undefined
  cpuSysS: number | undefined
  memory: RawMemory
  /** Resident memory of the whole tree at the end, MB; a sum that grows from one reading to the next is a leak. */
  rssMb: number | undefined
}

/** One of several stretches of time, which may overlap. */
interface MeterSpan {
  cpuUserS: number
  cpuSysS: number
  peakRssMb: number
  hwmMb: number
  /** Whether the high-water mark could be reset whenever it had to be. */
  isReset: boolean
  /** Whether there was only one process. */
  isSingle: boolean
}

/**
 * What a running process tree uses between two moments: CPU time by difference, and its peak by resetting the kernel's
 * high-water mark. The peak of a single process is exact; that of a tree is the largest sum seen, or the largest mark,
 * and so a lower bound. Where spans overlap, each has the peak of the whole while it lasted, and an equal share of the
 * CPU time, so that the shares add up. Linux only: on other systems nothing is known.
 */
export class TreeMeter {
  readonly #root: number
  readonly #open = new Set<MeterSpan>()
  #timer: NodeJS.Timeout | undefined
  #cpu = { userS: 0, sysS: 0 }

  constructor(root: number) {
    this.#root = root
  }

  begin(): MeterSpan {
    const span = { cpuUserS: 0, cpuSysS: 0, peakRssMb: 0, hwmMb: 0, isReset: true, isSingle: true }
    if (!HAS_PROC) return span
    // What was used until now belongs to the spans that are already open.
    const tree = this.#fold()
    this.#open.add(span)
    const isReset = tree.map(resetMark).every(Boolean)
    if (!isReset) for (const own of this.#open) own.isReset = false
    this.#sample()
    this.#timer ??= setInterval(() => this.#sample(), SAMPLE_INTERVAL_MS)
    return span
  }

  end(span: MeterSpan): TreeReading {
    if (!HAS_PROC) return { cpuUserS: undefined, cpuSysS: undefined, memory: {}, rssMb: undefined }
    const tree = this.#fold()
    this.#open.delete(span)
    const isBusy = this.#open.size > 0
    if (!isBusy) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    const { cpuUserS, cpuSysS, hwmMb, isReset, isSingle, peakRssMb } = span
    return {
      cpuUserS,
      cpuSysS,
      memory: {
        // Without the reset it is the peak of the whole lifetime.
        ...(isReset ? { hwmMb, hwmAtExit: true, single: isSingle } : {}),
        sampledRssMb: peakRssMb,
      },
      // What remains in use is not known while others are running.
      rssMb: isBusy ? undefined : sumRssMb(tree),
    }
  }

  /** Adds what was used since the last call to all open spans. */
  #fold(): number[] {
    const tree = this.#sample()
    const cpu = sumCpu(tree)
    const hwmMb = Math.max(0, ...tree.map((pid) => readMemory(pid)?.hwmMb ?? 0))
    for (const span of this.#open) {
      span.cpuUserS += Math.max(0, cpu.userS - this.#cpu.userS) / this.#open.size
      span.cpuSysS += Math.max(0, cpu.sysS - this.#cpu.sysS) / this.#open.size
      span.hwmMb = Math.max(span.hwmMb, hwmMb)
    }
    this.#cpu = cpu
    return tree
  }

  #sample(): number[] {
    const tree = listTree(this.#root)
    const rssMb = this.#open.size ? sumRssMb(tree) : 0
    for (const span of this.#open) {
      span.isSingle &&= tree.length === 1
      span.peakRssMb = Math.max(span.peakRssMb, rssMb)
    }
    return tree
  }
}

const sumRssMb = (tree: readonly number[]) =>
  tree.reduce((sum, pid) => sum + (readMemory(pid)?.rssMb ?? 0), 0)

function listTree(root: number): number[] {
  const tree = [root]
  for (const pid of tree) tree.push(...readChildren(pid, true))
  return tree
}

/** CPU time of these processes and of all children that they have waited for. */
function sumCpu(tree: readonly number[]): { userS: number; sysS: number } {
  const stats = tree.flatMap((pid) => readStat(pid) ?? [])
  return {
    userS: stats.reduce((sum, own) => sum + own.cpuUserS + own.reapedUserS, 0),
    sysS: stats.reduce((sum, own) => sum + own.cpuSysS + own.reapedSysS, 0),
  }
}

/** Sets VmHWM to the current RSS. */
function resetMark(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
    return true
  } catch {
    return false
  }
}
