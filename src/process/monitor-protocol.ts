import { z } from 'zod'

/** A request to the monitor, as one JSON line; src/process/monitor/request.go reads it. */
export interface MonitorRequest {
  file: string
  args: string[]
  /** `NAME=VALUE` each. */
  env: string[]
  cwd: string
  timeout_ms: number
  memory_limit_mb: number
  /** CPUs that the tree is held to; 0 for all. */
  cpus: number
  grace_ms: number
  samples: boolean
  /** Folder for the FIFOs of a program that waits at its marks; empty: none. */
  marks: string
  /** Whether the moment of each piece of output is wanted. */
  stamps: boolean
}

/** A request that only puts files into the page cache, or takes them out, for the run after it. */
export interface PagesRequest {
  pages: { state: 'cold' | 'warm'; files: string[] }
}

const startedSchema = z.object({ pid: z.number(), cgroup: z.string() })
const sampleSchema = z.object({ elapsed_ms: z.number(), rss_mb: z.number(), peak_mb: z.number() })
const memoryShape = {
  single: z.boolean(),
  hwm_mb: z.number().optional(),
  hwm_at_exit: z.boolean(),
  cgroup_mb: z.number().optional(),
  cgroup_file_mb: z.number().optional(),
  shared_mb: z.number().optional(),
  held_mb: z.number().optional(),
  system_shared_mb: z.number().optional(),
  sampled_rss_mb: z.number().optional(),
  sampled_pss_mb: z.number().optional(),
}
const evidenceSchema = z.object({
  cpus: z.number(),
  busy_s: z.number(),
  steal_s: z.number(),
  throttled_s: z.number().optional(),
  run_delay_s: z.number().optional(),
  run_delay_seen: z.number(),
  involuntary_switches: z.number().optional(),
})
const momentSchema = z.object({
  mark: z.string().optional(),
  elapsed_ms: z.number(),
  resumed_ms: z.number(),
  resolution_ms: z.number(),
  cpu_user_s: z.number(),
  cpu_sys_s: z.number(),
  ...memoryShape,
  evidence: evidenceSchema.optional(),
})
const pagesSchema = z.object({
  pages: z.number(),
  wrong: z.number(),
  refused: z.string().optional(),
  why: z.string().optional(),
})
const endedSchema = z.object({
  spawn_error: z.string().optional(),
  exit_code: z.number().nullable(),
  signal: z.number().nullable(),
  cause: z.enum(['timeout', 'memory_limit', 'cancelled']).optional(),
  oom_killed: z.boolean(),
  limit_by: z.enum(['cgroup', 'watching']).optional(),
  wall_ms: z.number(),
  cpu_user_s: z.number(),
  cpu_sys_s: z.number(),
  left_over: z.number(),
  ...memoryShape,
  evidence: evidenceSchema.optional(),
  pages: pagesSchema.optional(),
})

export type StartedFrame = z.infer<typeof startedSchema>
export type SampleFrame = z.infer<typeof sampleSchema>
export type MomentFrame = z.infer<typeof momentSchema>
export type MemoryFrame = Pick<MomentFrame, keyof typeof memoryShape>
export type EvidenceFrame = z.infer<typeof evidenceSchema>
export type PagesFrame = z.infer<typeof pagesSchema>
export type EndedFrame = z.infer<typeof endedSchema>

/** A reply of the monitor; src/process/monitor/frames.go writes it. */
export type Frame =
  | { kind: 'started'; started: StartedFrame }
  | { kind: 'output'; chunk: Buffer }
  | { kind: 'sample'; sample: SampleFrame }
  | { kind: 'moment'; moment: MomentFrame }
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
