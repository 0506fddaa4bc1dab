import { readdirSync } from 'node:fs'
import { readChildren, readMemory } from '../../src/system/proc.ts'

/** Resources of the harness's own processes at one moment. */
export interface Footprint {
  /** Time since the run began, s. */
  atS: number
  /** RSS of Vitest's main process and of its worker, MB. */
  mainMb: number
  workerMb: number
  /** Open files, pipes and sockets of both. */
  handles: number
}

const EVERY_MS = 1000

/** Records every second what a run's main process and worker take, until it is stopped. */
export function watchFootprint(main: number): () => Footprint[] {
  const startMs = performance.now()
  const seen: Footprint[] = []
  const timer = setInterval(() => {
    const worker = readChildren(main, true)[0]
    const [mainMb, workerMb] = [readMemory(main)?.rssMb, worker && readMemory(worker)?.rssMb]
    if (!worker || !mainMb || !workerMb) return
    seen.push({
      atS: (performance.now() - startMs) / 1000,
      mainMb,
      workerMb,
      handles: countHandles(main) + countHandles(worker),
    })
  }, EVERY_MS)
  return () => {
    clearInterval(timer)
    return seen
  }
}

function countHandles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return 0
  }
}
