import { getOrAdd } from './collections.ts'
import type { Cloned } from './collector.ts'
import { modelName, pointName, settingsKey } from './identity.ts'
import { type Clock, readClock, readOutcome } from './outcome.ts'
import { addBounded, PhaseSamples } from './phase-samples.ts'
import { runOf } from './runs.ts'
import type { Phase, Row, Security } from './schema.ts'

export interface Range {
  min: number
  max: number
}

/** Conditions that should be equal for all rows of a point. If they are not, the summary says so. */
const CONDITIONS = {
  settings: ({ settings }: Row) => settings && settingsKey(settings),
  'prover version': ({ prover }: Row) => prover?.version,
  'prover binary': ({ prover }: Row) => prover?.sha256,
  model: ({ model_sha256 }: Row) => model_sha256,
  machine: ({ machine }: Row) => machine?.cpu && `${machine.cpu}, ${machine.cores} cores`,
}
export type Condition = keyof typeof CONDITIONS
const CONDITION_ENTRIES = Object.entries(CONDITIONS) as [Condition, (row: Row) => string | null | undefined][]

/** What all rows of one point, one prover and one clock have in common. */
export interface PointIdentity {
  name: string
  track: string | null
  model: string | null
  prover: { name: string; version: string | null } | null
  /** Side of a comparison. */
  side: 'a' | 'b' | null
  /** What its proofs state, as declared by the prover. */
  security: Security | null
  clock: Clock
}

/** The rows of one point, one prover and one clock. */
export class PointSamples {
  readonly identity: PointIdentity
  paramCount: number | null = null
  readonly runs = new Set<string>()
  readonly phases = new Map<Phase, PhaseSamples>()
  readonly counters = new Map<string, Range>()
  readonly sizes = new Map<string, Range>()
  readonly conditions = new Map<Condition, Set<string>>()

  constructor(identity: PointIdentity) {
    this.identity = identity
  }

  add(row: Row): void {
    this.paramCount ??= row.param_count ?? null
    const run = runOf(row)
    if (run !== null) addBounded(this.runs, run)
    this.phase(row.phase).add(row)
    for (const [name, read] of CONDITION_ENTRIES) {
      const value = read(row)
      if (value) addBounded(this.#condition(name), value)
    }
    if (readOutcome(row) !== 'ok') return
    for (const name of Object.keys(row.ecc ?? {})) widen(this.counters, name, row.ecc?.[name])
    for (const name in row) {
      if (name.endsWith(SIZE_SUFFIX)) widen(this.sizes, name.slice(0, -SIZE_SUFFIX.length), row[name])
    }
  }

  merge(later: Cloned<PointSamples>): void {
    this.paramCount ??= later.paramCount
    for (const run of later.runs) addBounded(this.runs, run)
    for (const [phase, samples] of later.phases) this.phase(phase).merge(samples)
    for (const [name, values] of later.conditions) {
      for (const value of values) addBounded(this.#condition(name), value)
    }
    for (const [name, { min, max }] of later.counters)
      for (const end of [min, max]) widen(this.counters, name, end)
    for (const [name, { min, max }] of later.sizes) for (const end of [min, max]) widen(this.sizes, name, end)
  }

  phase(phase: Phase): PhaseSamples {
    return getOrAdd(this.phases, phase, () => new PhaseSamples())
  }

  #condition(condition: Condition): Set<string> {
    return getOrAdd(this.conditions, condition, () => new Set<string>())
  }
}

export function identifyPoint(row: Row): PointIdentity {
  return {
    name: pointName(row),
    track: row.track ?? null,
    model: modelName(row.model),
    prover: row.prover ? { name: row.prover.name, version: row.prover.version ?? null } : null,
    side: row.side ?? null,
    security: row.security ?? null,
    clock: readClock(row),
  }
}

const SIZE_SUFFIX = '_size_bytes'

function widen(ranges: Map<string, Range>, name: string, value: unknown): void {
  if (typeof value !== 'number') return
  const range = ranges.get(name)
  if (!range) ranges.set(name, { min: value, max: value })
  else if (value < range.min) range.min = value
  else if (value > range.max) range.max = value
}
