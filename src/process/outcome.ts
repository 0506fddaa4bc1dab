import type { ErrorCode } from '../errors.ts'
import type { RawEvidence } from '../row/disturbance.ts'
import type { Status } from '../row/schema.ts'
import type { RawMemory } from './memory.ts'

/** Why we ended a process, if we did. */
export type EndCause = 'timeout' | 'cancelled' | 'memory_limit'

export interface ExitFacts {
  exitCode: number | null
  signal: string | null
  cause?: EndCause | undefined
  /** What enforces the memory limit: the kernel, or our check every 20 ms. */
  limitBy?: 'cgroup' | 'watching' | undefined
  /** Processes that outlived the main process and were killed. */
  leftOver?: number | undefined
  /** Whether the kernel killed a process of the tree because memory ran out. */
  oomKilled?: boolean | undefined
  /** The line in which it reports a failed allocation. */
  failedAllocation?: string | undefined
  /** What exit code 126 or 127, from a shell or env, means. */
  exitReason?: string | undefined
  /** Why the process never started. */
  spawnError?: Error | undefined
  /** Why the monitor was lost. */
  monitorLost?: Error | undefined
}

/** What is known of a process once its whole tree has ended. */
export interface ProcessEnd {
  facts: ExitFacts
  wallMs: number
  cpuUserS?: number | undefined
  cpuSysS?: number | undefined
  /** Absent without the monitor. */
  others?: RawEvidence | undefined
  memory: RawMemory
}

export interface Judged {
  status: Exclude<Status, 'skipped'>
  error: { code: ErrorCode; message: string } | null
}

/** What an exit means. Our own reasons come before the exit code, since a process may exit with 0 on SIGTERM. */
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
