import { HAS_PROC, readStat } from './proc.ts'

/** A process, told apart from a later one that got its pid. */
export interface ProcessIdentity {
  pid: number
  /** Ticks after boot at which it started; absent where the system does not say. */
  startTicks?: number | undefined
}

export function identifySelf(): ProcessIdentity {
  return { pid: process.pid, ...(HAS_PROC ? { startTicks: readStat(process.pid)?.startTicks } : {}) }
}

export function isStillAlive({ pid, startTicks }: ProcessIdentity): boolean {
  if (HAS_PROC && startTicks !== undefined) {
    const stat = readStat(pid)
    return stat !== undefined && !stat.zombie && stat.startTicks === startTicks
  }
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
