import { z } from 'zod'

/** A request to the monitor, as one JSON line; src/process/monitor/request.go reads it. */
export interface MonitorRequest {
  file: string
  args: string[]
  /** `NAME=VALUE` each. */
  env: string[]
  cwd: string
  timeoutMs?: number | undefined
  memoryLimitMb?: number | undefined
  /** CPUs that the tree is limited to; absent: all. */
  cpus?: number | undefined
  graceMs: number
  samples: boolean
  /** Folder for the FIFOs of a program that waits at its marks. */
  marks?: string | undefined
  /** Whether the time of each piece of output should be reported. */
  stamps: boolean
}

/** A request that only puts files into the page cache, or takes them out, for the run after it. */
export interface PagesRequest {
  pages: { state: 'cold' | 'warm'; files: string[] }
}

const startedSchema = z.object({ pid: z.number(), cgroup: z.string() })
const sampleSchema = z.object({ elapsedMs: z.number(), rssMb: z.number(), peakMb: z.number() })
/** Peaks, MB (2^20 bytes); absent if that source is not available. */
const memorySchema = z.object({
  /** Whether the tree never had more than one process. */
  single: z.boolean(),
  /** The kernel's high-water mark of RSS of the process in the tree with the highest one. */
  hwmMb: z.number().optional(),
  /** Whether `hwmMb` comes from processes that have ended: that of a live process may still rise. */
  hwmAtExit: z.boolean(),
  /** Peak of the phase's cgroup, and the most page cache seen in it: files that the kernel can drop. */
  cgroupMb: z.number().optional(),
  cgroupFileMb: z.number().optional(),
  /** Peak of its shared memory (memfd, tmpfs) that was in no process's RSS. */
  sharedMb: z.number().optional(),
  /** Peak of the sum of such memory and the largest process. */
  heldMb: z.number().optional(),
  /** Growth of the whole system's shared memory, if that of the phase alone cannot be counted. */
  systemSharedMb: z.number().optional(),
  /** Peak of the sampled sum over the tree; PSS counts a page shared by n processes as 1/n. */
  sampledRssMb: z.number().optional(),
  sampledPssMb: z.number().optional(),
})
const othersSchema = z.object({
  cpus: z.number(),
  busyS: z.number(),
  stealS: z.number(),
  throttledS: z.number().optional(),
  runDelayS: z.number().optional(),
  runDelaySeen: z.number(),
  involuntarySwitches: z.number().optional(),
})
const momentSchema = z.object({
  /** What the program wrote; absent for output. */
  mark: z.string().optional(),
  /** When it arrived, and when the program could continue, since the start, s. */
  elapsedS: z.number(),
  resumedS: z.number(),
  /** How long before that it may have been written, s. */
  resolutionS: z.number(),
  cpuUserS: z.number(),
  cpuSysS: z.number(),
  memory: memorySchema,
  others: othersSchema.optional(),
})
const pagesSchema = z.object({
  pages: z.number(),
  wrong: z.number(),
  refused: z.string().optional(),
  why: z.string().optional(),
})
const endedSchema = z.object({
  facts: z.object({
    spawnError: z.string().optional(),
    exitCode: z.number().nullable(),
    signal: z.number().nullable(),
    cause: z.enum(['timeout', 'memory_limit', 'cancelled']).optional(),
    oomKilled: z.boolean(),
    limitBy: z.enum(['cgroup', 'watching']).optional(),
    leftOver: z.number(),
  }),
  wallMs: z.number(),
  cpuUserS: z.number(),
  cpuSysS: z.number(),
  memory: memorySchema,
  others: othersSchema.optional(),
  pages: pagesSchema.optional(),
})

/** What the monitor measures of memory. */
export type MonitorMemory = z.infer<typeof memorySchema>

/**
 * What is known of a running tree at a mark that its program waits at, or when a piece of its output arrives. CPU time
 * and evidence count from the start, memory from the moment before.
 */
export type Moment = z.infer<typeof momentSchema>
export type StartedFrame = z.infer<typeof startedSchema>
export type PagesFrame = z.infer<typeof pagesSchema>
export type EndedFrame = z.infer<typeof endedSchema>

/** A reply of the monitor; src/process/monitor/frames.go writes it. */
export type Frame =
  | { kind: 'started'; started: StartedFrame }
  | { kind: 'output'; chunk: Buffer }
  | { kind: 'sample'; sample: z.infer<typeof sampleSchema> }
  | { kind: 'moment'; moment: Moment }
  | { kind: 'ended'; ended: EndedFrame }

const HEADER_BYTES = 5
/** A frame holds at most 64 KB of output, or a line of JSON. */
const MAX_PAYLOAD_BYTES = 2 ** 20
const SHOWN_BYTES = 80
/** A newline after the payload. */
const TRAILER_BYTES = 1

/** Splits the monitor's stream into frames, however it is chunked. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0)

  read(chunk: Buffer): Frame[] {
    const frames: Frame[] = []
    this.#pending = this.#pending.length ? Buffer.concat([this.#pending, chunk]) : chunk
    while (this.#pending.length >= HEADER_BYTES) {
      const payloadEnd = HEADER_BYTES + this.#readLength()
      const end = payloadEnd + TRAILER_BYTES
      if (this.#pending.length < end) break
      const payload = this.#pending.subarray(HEADER_BYTES, payloadEnd)
      const kind = String.fromCodePoint(this.#pending[0]!)
      this.#pending = this.#pending.subarray(end)
      frames.push(parseFrame(kind, payload))
    }
    return frames
  }

  /** The launcher may print to the same stream, and its text would read as a frame of gigabytes. */
  #readLength(): number {
    const bytes = this.#pending.readUInt32LE(1)
    if ('osmke'.includes(String.fromCodePoint(this.#pending[0]!)) && bytes <= MAX_PAYLOAD_BYTES) return bytes
    const text = this.#pending.subarray(0, SHOWN_BYTES).toString().split('\n')[0]
    throw new Error(
      `standard output holds what the monitor did not write: ${JSON.stringify(text)} (whatever starts it has to print on stderr)`,
    )
  }
}

function parseFrame(kind: string, payload: Buffer): Frame {
  if (kind === 'o') return { kind: 'output', chunk: payload }
  const value: unknown = JSON.parse(payload.toString())
  if (kind === 's') return { kind: 'started', started: startedSchema.parse(value) }
  if (kind === 'm') return { kind: 'sample', sample: sampleSchema.parse(value) }
  if (kind === 'k') return { kind: 'moment', moment: momentSchema.parse(value) }
  return { kind: 'ended', ended: endedSchema.parse(value) }
}
