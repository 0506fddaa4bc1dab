import type { ErrorCode } from '../errors.ts'
import type { Status } from '../row/schema.ts'
import type { RawMemory } from './memory.ts'

/** Why we ended a process, where we did. */
export type EndCause = 'timeout' | 'cancelled' | 'memory_limit'

export interface ExitFacts {
  exitCode: number | null
  signal: string | null
  cause?: EndCause | undefined
  /** What keeps the memory limit: the kernel, or we by looking every 20 ms. */
  limitBy?: 'cgroup' | 'watching' | undefined
  /** Processes that outlived the one that ran and were killed. */
  leftOver?: number | undefined
  /** Whether the system killed a process of the tree for want of memory. */
  oomKilled?: boolean | undefined
  /** The line in which it says that an allocation failed. */
  failedAllocation?: string | undefined
  /** What an exit code of 126 or 127, a shell's or env's, stands for. */
  exitReason?: string | undefined
  /** Why the process never started. */
  spawnError?: Error | undefined
  /** Why the process that measures was lost. */
  monitorLost?: Error | undefined
}

/** What is known of a process when all of it is over. */
export interface ProcessEnd {
  facts: ExitFacts
  wallMs: number
  cpuUserS?: number | undefined
  cpuSysS?: number | undefined
  memory: RawMemory
}

export interface Judged {
  status: Exclude<Status, 'skipped'>
  error: { code: ErrorCode; message: string } | null
}

/** What an exit means; our own reasons come before the exit code, since a process may end well on SIGTERM. */
export function judgeExit(file: string, facts: ExitFacts, limits: Limits): Judged {
  const { exitCode, signal, cause, spawnError, monitorLost } = facts
  if (spawnError)
    return judged('failed', 'SPAWN_FAILED', `${file} could not be started: ${spawnError.message}`)
  if (monitorLost) return judged('failed', 'LAUNCHER_LOST', `${file} was ended: ${monitorLost.message}`)
  if (cause === 'timeout') {
    return judged(
      'timeout',
      'PHASE_TIMEOUT',
      `${file} was ended after its timeout of ${limits.timeoutMs! / 1000} s`,
    )
  }
  if (cause === 'cancelled')
    return judged('cancelled', 'PHASE_CANCELLED', `${file} was ended: the run was cancelled`)
  if (cause === 'memory_limit' || facts.oomKilled) {
    return judged('out_of_memory', 'OUT_OF_MEMORY', `${file} ${explainOom(facts, limits)}`)
  }
  if (exitCode === 0) return { status: 'ok', error: null }
  if (facts.failedAllocation !== undefined) {
    return judged(
      'out_of_memory',
      'OUT_OF_MEMORY',
      `${file} could not allocate memory: ${facts.failedAllocation}`,
    )
  }
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${exitCode}`
  return judged('failed', 'PHASE_FAILED', `${file} ${how}${facts.exitReason ? `: ${facts.exitReason}` : ''}`)
}

function explainOom({ cause, limitBy }: ExitFacts, { memoryLimitMb }: Limits): string {
  if (limitBy === 'cgroup') return `was killed by the kernel at its memory limit of ${memoryLimitMb} MB`
  if (cause)
    return `was ended at its memory limit of ${memoryLimitMb} MB, which is kept by looking every 20 ms`
  return 'was killed by the kernel: memory ran out'
}

export interface Limits {
  timeoutMs?: number | undefined
  memoryLimitMb?: number | undefined
}

function judged(status: Judged['status'], code: ErrorCode, message: string): Judged {
  return { status, error: { code, message } }
}
