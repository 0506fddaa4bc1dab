import type { ErrorCode } from '../errors.ts'
import type { RawEvidence } from '../row/disturbance.ts'
import type { Status } from '../row/schema.ts'
import type { RawMemory } from './memory.ts'
import type { ProcessSpec } from './spec.ts'

/** Why we ended a process, if we did. */
export type EndCause = 'timeout' | 'cancelled' | 'memory_limit'

/** Calls `end` at the timeout or when the run is cancelled; the returned function stops that. */
export function watchLimits(
  { timeoutMs, signal }: Pick<ProcessSpec, 'timeoutMs' | 'signal'>,
  end: (cause: Exclude<EndCause, 'memory_limit'>) => void,
): () => void {
  // Longer delays overflow to 1 ms.
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(end, Math.min(timeoutMs, 2 ** 31 - 1), 'timeout')
  const cancel = () => end('cancelled')
  signal?.addEventListener('abort', cancel)
  if (signal?.aborted) cancel()
  return () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', cancel)
  }
}

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
  const { exitCode, signal, cause, failedAllocation, exitReason, spawnError, monitorLost } = facts
  const fail = (status: Judged['status'], code: ErrorCode, what: string): Judged => ({
    status,
    error: { code, message: `${file} ${what}` },
  })
  if (spawnError) return fail('failed', 'SPAWN_FAILED', `could not be started: ${spawnError.message}`)
  if (monitorLost) return fail('failed', 'LAUNCHER_LOST', `was ended: ${monitorLost.message}`)
  if (cause === 'timeout')
    return fail('timeout', 'PHASE_TIMEOUT', `was ended after its timeout of ${limits.timeoutMs! / 1000} s`)
  if (cause === 'cancelled') return fail('cancelled', 'PHASE_CANCELLED', 'was ended: the run was cancelled')
  if (cause === 'memory_limit' || facts.oomKilled)
    return fail('out_of_memory', 'OUT_OF_MEMORY', explainOom(facts, limits))
  if (exitCode === 0) return { status: 'ok', error: null }
  if (failedAllocation !== undefined)
    return fail('out_of_memory', 'OUT_OF_MEMORY', `could not allocate memory: ${failedAllocation}`)
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${exitCode}`
  return fail('failed', 'PHASE_FAILED', exitReason ? `${how}: ${exitReason}` : how)
}

function explainOom({ cause, limitBy }: ExitFacts, { memoryLimitMb }: Limits): string {
  if (limitBy === 'cgroup') return `was killed by the kernel at its memory limit of ${memoryLimitMb} MB`
  if (cause)
    return `was ended at its memory limit of ${memoryLimitMb} MB, which is kept by looking every 20 ms`
  return 'was killed by the kernel: memory ran out'
}

type Limits = Pick<ProcessSpec, 'timeoutMs' | 'memoryLimitMb'>

/** Last words of runtimes that abort when an allocation fails; only their stack follows. */
const FATAL: readonly RegExp[] = [
  // Go
  /^fatal error: (?:runtime: )?(?:out of memory|cannot allocate memory)(?: \(.*\))?$/,
  /^runtime: (?:out of memory|cannot allocate memory)(?:: cannot allocate \d+-byte block \(\d+ in use\))?$/,
  // Rust
  /^memory allocation of \d+ bytes failed$/,
  // C++
  /^terminate called after throwing an instance of '(?:std::)?bad_(?:alloc|array_new_length)'$/,
  /^libc\+\+abi: terminating .*\bstd::bad_alloc\b/,
  // V8
  /^FATAL ERROR: .*(?:JavaScript heap|process) out of memory$/,
  /^# Fatal (?:JavaScript|process) out of memory: /,
  // Java with -XX:+CrashOnOutOfMemoryError or -XX:+ExitOnOutOfMemoryError
  /^(?:Terminating|Aborting) due to java\.lang\.OutOfMemoryError/,
]

/** Errors that a program may survive: they count only if nothing but their stack follows. */
const LAST: readonly RegExp[] = [
  // Python, numpy, PyTorch
  /^(?:[\w.]+\.)?_?(?:Array)?MemoryError(?:: .*)?$/,
  /^RuntimeError: .*DefaultCPUAllocator: (?:can't|not enough) .*memory/,
  /^torch\.(?:cuda\.)?OutOfMemoryError: /,
  // C++
  /^(?:.*: )?std::bad_alloc$/,
  // JavaScript and WebAssembly
  /^(?:Uncaught )?RangeError: Array buffer allocation failed$/,
  /^(?:Uncaught )?(?:RangeError|CompileError|RuntimeError): WebAssembly\.Memory(?:\.grow)?(?:\(\))?: /,
  /^(?:Uncaught )?RangeError: WebAssembly\.\w+\(\): Out of memory/,
  /^Error \[ERR_WORKER_OUT_OF_MEMORY\]: /,
  // Java, .NET, OCaml
  /^(?:Exception in thread .* |Caused by: )?java\.lang\.OutOfMemoryError(?:: .*)?$/,
  /^(?:Unhandled exception\. )?System\.OutOfMemoryException(?:: .*)?$/,
  /^Fatal error: exception Out_of_memory$/,
  // The system's text for ENOMEM
  /^(?:.*: )?[Cc]annot allocate memory(?: \(os error 12\))?$/,
]

/** Stack lines, and what shells and runtimes print after them. */
const STACK =
  /^(?:$|\s|[}\])]|at |#\d+ |\d+: |note: |stack backtrace:|Aborted|Node\.js v\d|\[?Previous line repeated)/

/** Runtimes print their stacks after their last words. */
const LAST_LINES = 400
const LAST_CHARACTERS = 64 * 1024

/**
 * The line in which a failed program reports a failed allocation; undefined if its last lines contain none. Only
 * exact messages count: a log that mentions memory does not say why the program failed.
 * @param output its output, stdout and stderr, without colours
 */
export function findFailedAllocation(output: string): string | undefined {
  const lines = output
    .slice(-LAST_CHARACTERS)
    .split(/[\r\n]+/)
    .slice(-LAST_LINES)
    .map((line) => line.trimEnd())
  const matches = (forms: readonly RegExp[]) => (line: string) => forms.some((form) => form.test(line))
  const fatal = lines.findLast(matches(FATAL))
  if (fatal) return fatal
  const last = lines.findLastIndex((line) => !STACK.test(line))
  const line = lines[last]
  return line !== undefined && matches(LAST)(line) ? line : undefined
}
