import type { GateOptions } from '../gate/options.ts'
import type { Distribution } from '../model/input.ts'
import type { LocatedProver, Settings } from '../prover/contract.ts'
import type { Machine, Phase, Shard } from '../row/schema.ts'
import type { Sampling } from '../row/statistics/sampling.ts'

export interface PlannedPoint {
  id: string
  params: Record<string, unknown>
  /** What it costs beside the other points of the run; absent where nobody looks. */
  cost?: number
}

export interface PlannedTrack {
  name: string
  /** Absolute path of the JSONL file. */
  results: string
  params: Record<string, unknown>
  /** Digest of all that decides what the track measures; absent where nothing will run. */
  plan_sha256?: string
  points: PlannedPoint[]
  /** Shown as a skipped case where there are no points. */
  empty: string
}

export interface PlannedProver {
  name: string
  /** Name or module path that loads the prover. */
  source: string
  /** Unique among the provers of the run: the name, or the spec where two share a name. */
  label: string
  located: LocatedProver
  settings: Settings
  /** Side of a comparison that it is. */
  side?: 'a' | 'b'
}

/** All that a worker has to know of a run; plain data, since it crosses into another process. */
export interface Plan {
  run_id: string
  /** The part of the run that this plan is; absent where it is all of it. */
  shard?: Shard | undefined
  /** Of a shard: the points of the whole run, which is what the gate will judge. */
  whole?: PlannedTrack[] | undefined
  /** Whether rows of this run may be in the results files already. */
  resumed?: boolean
  seed: number
  tag: string
  root: string
  iterations: Record<Phase, number>
  /** Decides how often a phase runs, in place of `iterations`; a compile is deterministic and keeps its own. */
  sampling?: Sampling | undefined
  timeout_s: Record<Phase, number | undefined>
  memory_limit_mb?: number | undefined
  /** Program and arguments that each phase is started behind. */
  launcher?: string[] | undefined
  /** Skip points that need more memory than there is. */
  memory_guard: boolean
  /** Show each verifier forgeries, once a point. */
  controls: boolean
  /** Absolute path of the HTML file that the report goes to. */
  report?: string | undefined
  onnx_dir: string
  inputs_dir: string
  /** How generated inputs are drawn; absent: uniform. */
  input_values?: Distribution
  work_dir: string
  /** Which iterations' artifacts stay after a point. */
  keep: 'none' | 'last' | 'failed' | 'all'
  /** Skip points and iterations whose artifacts do not fit on the disk; absent: they are. */
  disk_guard?: boolean
  /** Most that the cache of compiled circuits may hold, MB; none of it where 0 or absent. */
  circuit_cache_mb?: number
  /** Wait until each row is on the disk itself. */
  fsync: boolean
  machine: Machine
  provers: PlannedProver[]
  /** The provers are two sides of a comparison, whose iterations take turns. */
  interleave: boolean
  tracks: PlannedTrack[]
  gate: GateOptions
  /** Where the worker says what it is doing, for the live line; absent where nobody looks. */
  progress_file?: string | undefined
}
