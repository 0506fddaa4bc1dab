import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import pidusage from 'pidusage'
import type { RawMemory } from './memory.ts'

const run = promisify(execFile)

/** Pause after a sample, as a multiple of the time that it took: the tools must not use a core of the prover's. */
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
