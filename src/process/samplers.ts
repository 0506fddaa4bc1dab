import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import pidusage from 'pidusage'
import {
  isStillAlive,
  readChildren,
  readMemory,
  readStat,
  readSystemSharedMb,
  type ProcStat,
} from '../system/proc.ts'
import type { RawMemory } from './memory.ts'

/** How rarely to look up the children of every thread of a process with many threads. */
const ALL_THREADS_EVERY = 5
const FEW_THREADS = 4
/** How rarely to read the system's shared memory. */
const SHARED_EVERY = 5

/**
 * Samples a process tree through /proc. A process that was seen once is still tracked when its parent ends, so a double
 * fork is followed from the first sample on. Processes that start and end between two samples are missed.
 */
export class TreeSampler {
  readonly #living = new Map<number, ProcStat>()
  readonly #root: number
  readonly #cpu = { user: 0, sys: 0 }
  #ticks = 0
  #largestMb = 0
  readonly #sharedAtStartMb = readSystemSharedMb()
  #mappedMb = 0
  #mostMappedMb = 0
  #sharedMb = 0
  rssMb = 0
  peakRssMb = 0

  constructor(root: number) {
    this.#root = root
  }

  sample(): void {
    const pending = [this.#root, ...this.#living.keys()]
    const visited = new Set<number>()
    this.rssMb = 0
    this.#mappedMb = 0
    for (const pid of pending) {
      if (visited.has(pid)) continue
      visited.add(pid)
      pending.push(...this.#sampleProcess(pid))
    }
    this.peakRssMb = Math.max(this.peakRssMb, this.rssMb)
    this.#mostMappedMb = Math.max(this.#mostMappedMb, this.#mappedMb)
    if (this.#ticks % SHARED_EVERY === 0) this.#noteShared()
    this.#ticks++
  }

  /** Processes seen before that are still the same ones, youngest first. */
  living(): number[] {
    return [...this.#living.values()]
      .filter(isStillAlive)
      .map(({ pid }) => pid)
      .toReversed()
  }

  /** User and system time of all processes seen, as of their last samples, s. */
  cpuS(): { user: number; sys: number } {
    return this.#cpu
  }

  memory(): RawMemory {
    if (this.#largestMb === 0) return {}
    return {
      hwmMb: this.#largestMb,
      hwmAtExit: false,
      sampledRssMb: this.peakRssMb,
      systemSharedMb: this.#sharedMb,
    }
  }

  /** Adds one process to the sample and returns its children. */
  #sampleProcess(pid: number): number[] {
    const before = this.#living.get(pid)
    const stat = readStat(pid)
    this.#living.delete(pid)
    if (!stat || stat.zombie) return []
    this.#living.set(pid, stat)
    // Pids are reused: a process is only identified by its pid together with its start time.
    const known = before?.startTicks === stat.startTicks ? before : undefined
    this.#cpu.user += stat.cpuUserS - (known?.cpuUserS ?? 0)
    this.#cpu.sys += stat.cpuSysS - (known?.cpuSysS ?? 0)
    const memory = readMemory(pid)
    this.rssMb += memory?.rssMb ?? 0
    this.#mappedMb += memory?.shmemMb ?? 0
    this.#largestMb = Math.max(this.#largestMb, memory?.hwmMb ?? 0)
    return readChildren(pid, stat.threads <= FEW_THREADS || this.#ticks % ALL_THREADS_EVERY === 0)
  }

  /**
   * Freed memory leaves RSS a moment before it is counted as free, so the most that was ever mapped still counts as
   * mapped.
   */
  #noteShared(): void {
    const grownMb = readSystemSharedMb() - this.#sharedAtStartMb
    this.#sharedMb = Math.max(this.#sharedMb, grownMb - this.#mostMappedMb)
  }
}

const run = promisify(execFile)

/**
 * Pause after a sample, as a multiple of the time that it took: the tools must not take a core away from the prover.
 */
const REST = 4

/**
 * Samples a tree on systems without /proc: `ps` lists parents and children, and pidusage asks the system's own tools
 * for each process. Both take about 10 ms, on Windows much longer.
 */
export class PidusageSampler {
  readonly #root: number
  readonly #cpuMs = new Map<number, number>()
  #asking = false
  #nextMs = 0
  rssMb = 0
  peakRssMb = 0

  constructor(root: number) {
    this.#root = root
  }

  sample(): void {
    const startMs = performance.now()
    if (this.#asking || startMs < this.#nextMs) return
    this.#asking = true
    void this.#ask().finally(() => {
      this.#asking = false
      this.#nextMs = performance.now() + REST * (performance.now() - startMs)
    })
  }

  /** Processes seen so far: without a start time, one cannot be distinguished from a later one with its pid. */
  living(): number[] {
    return []
  }

  /** pidusage does not separate user from system time, so all of it counts as user time. */
  cpuS(): { user: number; sys: number } {
    return { user: [...this.#cpuMs.values()].reduce((sum, ms) => sum + ms, 0) / 1000, sys: 0 }
  }

  memory(): RawMemory {
    return this.peakRssMb > 0 ? { pidusageMb: this.peakRssMb } : {}
  }

  async #ask(): Promise<void> {
    try {
      const members = [this.#root, ...descendantsOf(this.#root, await listProcesses())]
      const figures = Object.entries(await pidusage(members)).filter(([, figure]) => figure)
      this.rssMb = figures.reduce((sum, [, { memory }]) => sum + memory, 0) / 2 ** 20
      this.peakRssMb = Math.max(this.peakRssMb, this.rssMb)
      for (const [pid, { ctime }] of figures) this.#cpuMs.set(Number(pid), ctime)
    } catch {
      // The process has ended in the meantime.
    }
  }
}

/** A line `PID PPID` for each process; empty on systems without ps, where only the first process is seen. */
async function listProcesses(): Promise<string> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=']).catch(() => ({ stdout: '' }))
  return stdout
}

export function descendantsOf(root: number, list: string): number[] {
  const processes = list.split('\n').map((line) => line.trim().split(/\s+/).map(Number) as [number, number])
  const tree = [root]
  for (const parent of tree) {
    tree.push(
      ...processes.filter(([pid, ppid]) => ppid === parent && !tree.includes(pid)).map(([pid]) => pid),
    )
  }
  return tree.slice(1)
}
