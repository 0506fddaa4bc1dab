import { existsSync, readFileSync } from 'node:fs'
import { listNames } from '../lib/files.ts'

/** Whether the system describes its processes in files, as Linux does. */
export const HAS_PROC = existsSync('/proc/self/stat')

/** USER_HZ: fixed to 100 in what Linux shows to programs, whatever the kernel's own tick. */
const TICKS_PER_S = 100

export interface ProcStat {
  pid: number
  /** Ticks after boot; together with the pid it identifies a process. */
  startTicks: number
  threads: number
  zombie: boolean
  cpuUserS: number
  cpuSysS: number
  /** CPU time of the children that it has waited for, and of theirs. */
  reapedUserS: number
  reapedSysS: number
}

export interface ProcMemory {
  rssMb: number
  /** VmHWM: peak RSS. */
  hwmMb: number
  /** The part of RSS that is shared memory. */
  shmemMb: number
}

/** One process now, or undefined if it has ended. */
export function readStat(pid: number): ProcStat | undefined {
  const text = readText(`/proc/${pid}/stat`)
  if (!text) return undefined
  // The command name is in brackets and may itself contain spaces and brackets.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return {
    pid,
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    cpuUserS: Number(fields[11]) / TICKS_PER_S,
    cpuSysS: Number(fields[12]) / TICKS_PER_S,
    reapedUserS: Number(fields[13]) / TICKS_PER_S,
    reapedSysS: Number(fields[14]) / TICKS_PER_S,
    threads: Number(fields[17]),
    startTicks: Number(fields[19]),
  }
}

export function readMemory(pid: number): ProcMemory | undefined {
  const text = readText(`/proc/${pid}/status`) ?? ''
  const hwmMb = readMb(text, 'VmHWM:')
  const rssMb = readMb(text, 'VmRSS:')
  if (hwmMb === undefined || rssMb === undefined) return undefined
  return { rssMb, hwmMb, shmemMb: readMb(text, 'RssShmem:') ?? 0 }
}

/** Shared memory (memfd, tmpfs) of the whole system plus its huge pages in use, MB. */
export function readSystemSharedMb(): number {
  const text = readText('/proc/meminfo') ?? ''
  // Numbers of pages have no unit.
  const pages = 1024 * ((readMb(text, 'HugePages_Total:') ?? 0) - (readMb(text, 'HugePages_Free:') ?? 0))
  return (readMb(text, 'Shmem:') ?? 0) + pages * (readMb(text, 'Hugepagesize:') ?? 0)
}

/** Children of a process; those of its other threads only if `allThreads` is set, since that costs a read each. */
export function readChildren(pid: number, allThreads: boolean): number[] {
  const threads = allThreads ? listNames(`/proc/${pid}/task`) : [String(pid)]
  return threads.flatMap((thread) =>
    (readText(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  )
}

/** A figure of /proc/meminfo or /proc/PID/status, which state kB, in MB; undefined if the system does not report it. */
export function readMb(text: string, key: string): number | undefined {
  const at = text.indexOf(key)
  return at < 0 ? undefined : Number.parseInt(text.slice(at + key.length), 10) / 1024
}

/** A small file's text without its last newline, or undefined: systems differ in what they report. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trimEnd()
  } catch {
    return undefined
  }
}

/** Signals processes, and process groups by their negated ids, as far as they have not ended by themselves. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has ended.
    }
  }
}

/** A process, distinguishable from a later one with the same pid. */
export interface ProcessIdentity {
  pid: number
  /** Ticks after boot at which it started; absent if the system does not report it. */
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
