import { existsSync } from 'node:fs'
import type { GateOptions } from '../gate/options.ts'
import type { LocatedProver, Settings } from '../prover/contract.ts'
import { variantOf } from '../row/identity.ts'
import { canonicalJson } from '../row/json.ts'
import type { Machine, Phase, Row, Shard } from '../row/schema.ts'
import type { PlanOptions } from './options.ts'

interface PlannedPoint {
  id: string
  params: Record<string, unknown>
  /** Cost relative to the other points of the run; absent if it is not needed. */
  cost?: number
}

export interface PlannedTrack {
  name: string
  /** Absolute path of the JSONL file. */
  results: string
  params: Record<string, unknown>
  /** Digest of everything that determines what the track measures; absent if nothing will run. */
  plan_sha256?: string
  points: PlannedPoint[]
  /** Shown as a skipped case if there are no points. */
  empty: string
}

export interface PlannedProver {
  name: string
  /** Name or module path from which to load the prover. */
  source: string
  /** Unique among the provers of the run: the name, or the spec if two share a name. */
  label: string
  located: LocatedProver
  settings: Settings
  /** The phases that it has, in order. */
  phases: Phase[]
  /** Its side in a comparison. */
  side?: 'a' | 'b'
}

/** What workers and reporters need to know about a run. Plain data, since it is sent to other processes. */
export interface Plan {
  run_id: string
  /** Name of the project that this plan covers; absent if the run has only one. */
  project?: string | undefined
  /** The shard that this plan covers; absent if it is the whole run. */
  shard?: Shard | undefined
  /** For a shard: the points of the whole run, which is what the gate will judge. */
  whole?: PlannedTrack[] | undefined
  /** Whether the results files may already have rows of this run. */
  resumed?: boolean
  /** Absolute path of the project root. */
  root: string
  machine: Machine
  provers: PlannedProver[]
  tracks: PlannedTrack[]
  options: PlanOptions
  /** The provers are two sides of a comparison, and their iterations alternate. */
  interleave: boolean
  /** Absolute path of the rows of a comparison's earlier rounds; absent if it has one round only. */
  continues?: string | undefined
  gate: GateOptions
  /** Where the worker writes its progress for the live line; absent if there is none. */
  progress_file?: string | undefined
}

/** The results files of a plan's tracks that exist. */
export function listResults({ tracks }: Pick<Plan, 'tracks'>): string[] {
  return [...new Set(tracks.map(({ results }) => results))].filter((file) => existsSync(file))
}

/** Type of the Vitest artifact that carries a row from a worker to the reporters. */
export const ROW_ARTIFACT = 'provemark:row'

export interface RowArtifact {
  type: typeof ROW_ARTIFACT
  row: Row
  /** The row is already in its file: an earlier process of this run wrote it. */
  isKnown?: boolean
}

declare module 'vitest' {
  interface TestArtifactRegistry {
    [ROW_ARTIFACT]: RowArtifact
  }
}

/**
 * The fields of a row that make its variant: the settings of the prover, the options of the run that change the cost of
 * a phase, and the state that the page cache should be in.
 */
export function variantFields(
  { options: { memory_limit_mb, launcher, page_cache } }: Pick<Plan, 'options'>,
  { settings }: Pick<PlannedProver, 'settings'>,
) {
  return {
    settings: {
      ...settings,
      ...(memory_limit_mb === undefined ? {} : { memory_limit_mb }),
      ...(launcher ? { launcher } : {}),
    },
    ...(page_cache === 'as-is' ? {} : { page_cache }),
  }
}

/**
 * Identifies one of a run's provers in its rows: two may share a name. The state of the page cache does not count: it is
 * the same for all of them, and a row may be `partial`.
 */
export function proverKeyOf(row: Row): string {
  const { prover, side } = row
  const { page_cache: _, ...parts } = variantOf(row).parts
  return canonicalJson([prover?.name, prover?.version, prover?.sha256, side, parts])
}

/** The same key for a prover that has not run yet. */
export function proverKeyOfPlanned(plan: Pick<Plan, 'options'>, planned: PlannedProver): string {
  const { name, located, side } = planned
  const { version, sha256 } = located
  return proverKeyOf({
    phase: 'prove',
    prover: { name, version, sha256 },
    side,
    ...variantFields(plan, planned),
  })
}
