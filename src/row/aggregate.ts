import type { Cloned } from './collector.ts'
import { foldFiles, type Folding } from './fold-files.ts'
import { pointKey } from './identity.ts'
import { readClock } from './outcome.ts'
import { type PhaseSummary, summarizePhase } from './phase-summary.ts'
import {
  type Condition,
  identifyPoint,
  type PointIdentity,
  PointSamples,
  type Range,
} from './point-samples.ts'
import { PHASES, type Row, type Security } from './schema.ts'

/** Summary of one point with one prover, phase by phase. Rows timed by different clocks are never pooled. */
export interface PointSummary {
  point: string
  track: string | null
  model: string | null
  param_count: number | null
  prover: { name: string; version: string | null } | null
  /** Side of a comparison. */
  side: 'a' | 'b' | null
  /** What its proofs state, as declared by the prover. */
  security: Security | null
  clock: 'wall' | 'prover'
  run_ids: string[]
  phases: PhaseSummary[]
  /** Circuit counters. `min` and `max` should always be equal; a difference means that the counter varies. */
  counters: Record<string, Range>
  /** Bytes by artifact. */
  sizes_bytes: Record<string, Range>
  /** Conditions that differ between rows whose figures are pooled anyway. */
  mixed: Condition[]
}

/** Collects any number of rows in any order. Memory grows by a few numbers per row. */
export class Aggregation {
  readonly kind = 'points'
  rows = 0
  readonly #byClock = { wall: new Map<string, PointSamples>(), prover: new Map<string, PointSamples>() }
  /** In order of first appearance. */
  readonly points: { key: string; samples: PointSamples }[] = []

  add(row: Row): void {
    this.rows++
    const key = pointKey(row)
    const clock = readClock(row)
    const samples = this.#byClock[clock].get(key) ?? this.#insert(key, identifyPoint(row))
    samples.add(row)
  }

  merge(later: Cloned<Aggregation>): void {
    this.rows += later.rows
    for (const { key, samples } of later.points) {
      const own = this.#byClock[samples.identity.clock].get(key) ?? this.#insert(key, samples.identity)
      own.merge(samples)
    }
  }

  /** Summaries of the points, in order of first appearance. */
  summarize(): PointSummary[] {
    return this.points.map(({ samples }) => summarizePoint(samples))
  }

  #insert(key: string, identity: PointIdentity): PointSamples {
    const samples = new PointSamples(identity)
    this.points.push({ key, samples })
    this.#byClock[identity.clock].set(key, samples)
    return samples
  }
}

/** Summaries of the points of these rows, in order of first appearance. */
export function aggregateRows(rows: Iterable<Row>): PointSummary[] {
  const aggregation = new Aggregation()
  for (const row of rows) aggregation.add(row)
  return aggregation.summarize()
}

function summarizePoint(samples: PointSamples): PointSummary {
  const { identity } = samples
  return {
    point: identity.name,
    track: identity.track,
    model: identity.model,
    param_count: samples.paramCount,
    prover: identity.prover,
    side: identity.side,
    security: identity.security,
    clock: identity.clock,
    run_ids: [...samples.runs],
    phases: PHASES.flatMap((phase) => {
      const own = samples.phases.get(phase)
      return own ? [summarizePhase(phase, own)] : []
    }),
    counters: Object.fromEntries(samples.counters),
    sizes_bytes: Object.fromEntries(samples.sizes),
    mixed: [...samples.conditions].filter(([, values]) => values.size > 1).map(([name]) => name),
  }
}

interface FilesSummary {
  /** Rows of the selected runs. */
  rows: number
  points: PointSummary[]
}

/**
 * Summarizes the selected runs of results files without holding the rows in memory. The last run is chosen per file: a
 * run writes one file per track, and the shards of one run end up in one summary.
 */
export async function aggregateFiles(
  paths: readonly string[],
  { run = 'last', onProblem }: Partial<Folding> = {},
): Promise<FilesSummary> {
  const aggregation = await foldFiles(new Aggregation(), paths, { run, onProblem })
  return { rows: aggregation.rows, points: aggregation.summarize() }
}
