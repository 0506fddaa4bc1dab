import { addAll, getOrAdd } from '../row/collections.ts'
import type { Cloned } from '../row/collector.ts'
import { addFigures, type Figures, mergeFigures } from '../row/figures.ts'
import { benchKey, phaseKey, pointKey, pointName, settingsKey } from '../row/identity.ts'
import { readOutcome } from '../row/outcome.ts'
import { runOf } from '../row/runs.ts'
import type { Phase, Row, Status } from '../row/schema.ts'
import { type Conditions, readConditions } from './conditions.ts'

/** The successful repetitions of one phase of one point, with one prover at one setting, in one run. */
export interface Series extends Figures {
  /** Identity of point, prover and phase. */
  key: string
  /** Identity of the point and phase, regardless of the prover. */
  place: string
  settingsKey: string
  /** Identity of the point, the prover and its settings, for figures that all phases share. */
  owner: string
  /** Identity of the machine and clock of its first row. */
  bench: string
  run: string | null
  track: string | null
  point: string
  phase: Phase
  prover: string | null
  /** Side of a comparison. */
  side: 'a' | 'b' | null
  /** Versions of its prover that the rows name. */
  versions: Set<string>
  /** Iterations of the rows that succeeded. */
  iterations: Iterations
  /** Number of rows by status. */
  statuses: Map<Status, number>
  /** Forgeries that were accepted: proofs, outputs. */
  accepted: Set<string>
  /** Artifacts that its prover declares to be identical in every run. */
  deterministic: Map<string, 'bytes' | 'size'>
  conditions: Conditions
  /** A cache: the next row usually has the same conditions. */
  lastConditions: ReturnType<typeof readConditions> | undefined
}

export function startSeries(row: Row): Series {
  return {
    key: phaseKey(row),
    place: phaseKey({ ...row, prover: null, side: null }),
    settingsKey: settingsKey(row.settings),
    owner: `${pointKey(row)} ${settingsKey(row.settings)}`,
    bench: benchKey(row),
    run: runOf(row),
    track: row.track ?? null,
    point: pointName({ ...row, side: null }),
    phase: row.phase,
    prover: row.prover?.name ?? null,
    side: row.side ?? null,
    ...startFigures(),
  }
}

/** An empty series for the same phase as another. */
export function startSeriesLike(like: Cloned<Series>): Series {
  return { ...like, ...startFigures() }
}

const startFigures = () => ({
  iterations: new Iterations(),
  versions: new Set<string>(),
  statuses: new Map<Status, number>(),
  accepted: new Set<string>(),
  numbers: new Map(),
  digests: new Map(),
  deterministic: new Map(),
  conditions: new Map(),
  lastConditions: undefined,
})

/** Merges in the series of later rows. */
export function mergeSeries(series: Series, later: Cloned<Series>): void {
  series.iterations.merge(later.iterations)
  for (const [status, count] of later.statuses) addCount(series, status, count)
  addAll(series.accepted, later.accepted)
  addAll(series.versions, later.versions)
  mergeFigures(series, later)
  for (const [artifact, how] of later.deterministic) series.deterministic.set(artifact, how)
  for (const [name, values] of later.conditions) {
    addAll(
      getOrAdd(series.conditions, name, () => new Set()),
      values,
    )
  }
}

function addCount({ statuses }: Series, status: Status, count: number): void {
  statuses.set(status, (statuses.get(status) ?? 0) + count)
}

export function addRow(series: Series, row: Row): void {
  const status = readOutcome(row)
  addCount(series, status, 1)
  for (const [forged, outcome] of Object.entries(row.controls ?? {})) {
    if (outcome === 'accepted') series.accepted.add(forged)
  }
  if (status !== 'ok') return
  series.iterations.add(row)
  if (row.prover?.version) series.versions.add(row.prover.version)
  addFigures(series, row)
  for (const [artifact, how] of Object.entries(row.prover?.deterministic ?? {})) {
    series.deterministic.set(artifact, how)
  }
  const conditions = readConditions(row)
  if (conditions === series.lastConditions) return
  series.lastConditions = conditions
  for (const [name, value] of conditions) getOrAdd(series.conditions, name, () => new Set()).add(value)
}

export const okCount = ({ statuses }: Series) => statuses.get('ok') ?? 0

export function hasMetric({ numbers, digests }: Series, metric: string): boolean {
  return numbers.has(metric) || digests.has(metric)
}

export function metricsOf({ numbers, digests }: Series): string[] {
  return [...numbers.keys(), ...digests.keys()]
}

/** Every repetition of a number in measurement order; empty if there is no such figure. */
export function numbersOf(series: Series | null, metric: string): number[] {
  return series?.numbers.get(metric)?.toArray() ?? []
}

/** What distinguishes a row from the others of its series; null if nothing does. */
type Iteration = number | 'all' | null

/**
 * The iterations of a series, to find duplicates. A run writes them in order, so usually one number represents them
 * all.
 */
class Iterations {
  /** All iterations from 1 to this one are present. */
  last = 0
  readonly others = new Set<Iteration>()
  isTwice = false
  /** Whether two rows each stand for all repetitions, as in a baseline with both sides of a merge. */
  isSummarizedTwice = false

  add({ iteration = null, samples }: Row): void {
    this.#add(samples ? 'all' : iteration)
  }

  merge(later: Cloned<Iterations>): void {
    this.isTwice ||= later.isTwice
    this.isSummarizedTwice ||= later.isSummarizedTwice
    for (let iteration = 1; iteration <= later.last; iteration++) this.#add(iteration)
    for (const iteration of later.others) this.#add(iteration)
  }

  #add(iteration: Iteration): void {
    const isThere =
      this.others.has(iteration) ||
      (typeof iteration === 'number' && iteration >= 1 && iteration <= this.last)
    this.isTwice ||= isThere
    this.isSummarizedTwice ||= isThere && iteration === 'all'
    if (iteration === this.last + 1) this.last++
    else if (!isThere) this.others.add(iteration)
  }
}
