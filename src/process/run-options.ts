import type { RawMemory } from './memory.ts'
import type { EndCause, ExitFacts } from './outcome.ts'

export interface ProcessSample {
  elapsedMs: number
  /** RSS of the whole tree now, and the most it was so far, MB. */
  rssMb: number
  peakMb: number
}

/** What both ways of running a process take. */
export interface RunOptions {
  file: string
  args: string[]
  /** The whole environment. */
  env: Record<string, string | undefined>
  cwd: string
  /** Program and arguments that the monitor is started behind. */
  launcher?: readonly string[] | undefined
  timeoutMs?: number | undefined
  memoryLimitMb?: number | undefined
  /** From SIGTERM to SIGKILL. */
  graceMs: number
  signal?: AbortSignal | undefined
  onSample?: ((sample: ProcessSample) => void) | undefined
  onOutput: (chunk: Buffer) => void
}

/** What is known of a process when all of it is over. */
export interface ProcessEnd {
  facts: ExitFacts
  wallMs: number
  cpuUserS?: number | undefined
  cpuSysS?: number | undefined
  memory: RawMemory
}

/** Calls `end` at the timeout or when the run is cancelled; the function it returns stops that. */
export function watchLimits({ timeoutMs, signal }: RunOptions, end: (cause: EndCause) => void): () => void {
  // Longer delays than this overflow to 1 ms.
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
