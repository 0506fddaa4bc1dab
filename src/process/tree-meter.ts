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

/**
 * What a running process tree takes between two moments: CPU time by difference, and its peak by resetting the
 * kernel's high-water mark. The peak of a single process is exact; that of a tree is the largest sum seen, or the
 * largest mark, and so a lower bound. Linux only: elsewhere nothing is known.
 */
export class TreeMeter {
  readonly #root: number
  #timer: NodeJS.Timeout | undefined
  #cpu = { userS: 0, sysS: 0 }
  #isReset = false
  #single = true
  #peakRssMb = 0

  constructor(root: number) {
    this.#root = root
  }

  begin(): void {
    if (!HAS_PROC) return
    const tree = listTree(this.#root)
    this.#isReset = tree.map(resetMark).every(Boolean)
    this.#cpu = sumCpu(tree)
    this.#single = true
    this.#peakRssMb = 0
    this.#sample()
    this.#timer = setInterval(() => this.#sample(), SAMPLE_INTERVAL_MS)
  }

  end(): TreeReading {
    if (!HAS_PROC) return { cpuUserS: undefined, cpuSysS: undefined, memory: {}, rssMb: undefined }
    clearInterval(this.#timer)
    const tree = this.#sample()
    const { userS, sysS } = sumCpu(tree)
    const memories = tree.flatMap((pid) => readMemory(pid) ?? [])
    const hwmMb = Math.max(0, ...memories.map((own) => own.hwmMb))
    return {
      cpuUserS: Math.max(0, userS - this.#cpu.userS),
      cpuSysS: Math.max(0, sysS - this.#cpu.sysS),
      memory: {
        // Without the reset it is the peak of the whole life.
        ...(this.#isReset ? { hwmMb, hwmAtExit: true, single: this.#single } : {}),
        sampledRssMb: this.#peakRssMb,
      },
      rssMb: memories.reduce((sum, own) => sum + own.rssMb, 0),
    }
  }

  #sample(): number[] {
    const tree = listTree(this.#root)
    if (tree.length > 1) this.#single = false
    const rssMb = tree.reduce((sum, pid) => sum + (readMemory(pid)?.rssMb ?? 0), 0)
    this.#peakRssMb = Math.max(this.#peakRssMb, rssMb)
    return tree
  }
}

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

/** Sets VmHWM to the RSS of now. */
function resetMark(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
    return true
  } catch {
    return false
  }
}
