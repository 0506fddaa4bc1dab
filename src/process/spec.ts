import type { Moment } from './monitor-protocol.ts'

/** One process to run; its command line is not passed to a shell. */
export interface ProcessSpec {
  file: string
  args: string[]
  /** Added to our own environment. */
  env?: Record<string, string>
  cwd: string
  /** Program and arguments (`['srun', '-n1']`) that start the process; it is measured behind them. */
  launcher?: readonly string[] | undefined
  timeoutMs?: number | undefined
  /** Memory limit of the whole tree, MB (2^20 bytes). */
  memoryLimitMb?: number | undefined
  /** CPUs that the whole tree is limited to; only the monitor can do this. */
  cpus?: number | undefined
  /** Time between SIGTERM and SIGKILL; default 2 s. */
  graceMs?: number
  signal?: AbortSignal | undefined
  /** Lines that match one of these are in `output`, however long it gets. */
  keepLines?: readonly RegExp[] | undefined
  /** Gets the pid as soon as it runs. Behind a launcher it may be that of another machine. */
  onStarted?: (pid: number) => void
  onSample?: (sample: ProcessSample) => void
  onOutput?: (chunk: Buffer) => void
  /** Folder for the FIFOs of a program that waits at its marks; it finds them in `PROVEMARK_MARKS` and `PROVEMARK_GO`. */
  marksDir?: string | undefined
  /**
   * Gets each mark of such a program and, before the lines of each piece of output, the time at which it arrived. Needs
   * the monitor.
   */
  onMoment?: ((moment: Moment) => void) | undefined
  /** Gets every line of the output; lines over 64 KB come in pieces. */
  onLine?: (line: string) => void
}

/** RSS of the whole tree at one moment of a phase. */
export interface ProcessSample {
  elapsedMs: number
  /** RSS of the whole tree now, and its maximum so far, MB. */
  rssMb: number
  peakMb: number
}

/** A spec with its defaults filled in, for both ways of measuring. */
export interface MeasuredSpec extends Omit<ProcessSpec, 'env'> {
  /** The whole environment. */
  env: Record<string, string | undefined>
  graceMs: number
  onOutput: (chunk: Buffer) => void
}
