import type { GateOptions } from '../gate/budget.ts'
import type { LocatedProver, Settings } from '../prover/contract.ts'
import type { Machine, Shard } from '../row/schema.ts'
import type { PlanOptions } from './options.ts'

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

/** What a worker and the reporters have to know of a run: plain data, since it crosses into other processes. */
export interface Plan {
  run_id: string
  /** Name of the project that this is the part of; absent where the run has only one. */
  project?: string | undefined
  /** The part of the run that this plan is; absent where it is all of it. */
  shard?: Shard | undefined
  /** Of a shard: the points of the whole run, which is what the gate will judge. */
  whole?: PlannedTrack[] | undefined
  /** Whether rows of this run may be in the results files already. */
  resumed?: boolean
  /** Absolute path of the project's root. */
  root: string
  machine: Machine
  provers: PlannedProver[]
  tracks: PlannedTrack[]
  options: PlanOptions
  /** The provers are two sides of a comparison, whose iterations take turns. */
  interleave: boolean
  gate: GateOptions
  /** Where the worker says what it is doing, for the live line; absent where nobody looks. */
  progress_file?: string | undefined
}
