/** One process to run: no shell reads its command line. */
export interface ProcessSpec {
  file: string
  args: string[]
  /** On top of our own environment. */
  env?: Record<string, string>
  cwd: string
  /** Program and arguments (`['srun', '-n1']`) that the process is started behind; it is measured inside. */
  launcher?: readonly string[]
  timeoutMs?: number
  /** Most memory that the whole tree may take, MB (2^20 bytes). */
  memoryLimitMb?: number
  /** Time between SIGTERM and SIGKILL; default 2 s. */
  graceMs?: number
  signal?: AbortSignal
  /** Lines that must stand in `output`, however long it gets. */
  keepLines?: RegExp
  onSample?: (sample: ProcessSample) => void
  onOutput?: (chunk: string) => void
  /** Sees every line of the output; lines over 64 KB come in pieces. */
  onLine?: (line: string) => void
}

/** RSS of the whole tree at one moment of a phase. */
export interface ProcessSample {
  elapsedMs: number
  /** RSS of the whole tree now, and the most it was so far, MB. */
  rssMb: number
  peakMb: number
}

/** A spec with its defaults filled in, as both ways of measuring take it. */
export interface MeasuredSpec extends Omit<ProcessSpec, 'env' | 'onOutput'> {
  /** The whole environment. */
  env: Record<string, string | undefined>
  graceMs: number
  onOutput: (chunk: Buffer) => void
}
