import { median } from 'simple-statistics'
import { addAll, getOrAdd, startSet } from './collections.ts'
import { isDisturbed } from './disturbance.ts'
import { Failures } from './failures.ts'
import { addFigures, type Cloned, type Figures, mergeFigures, Samples } from './figures.ts'
import {
  benchKey,
  clockedKey,
  type Conditions,
  type Origin,
  phaseKey,
  pointName,
  readContext,
  runKey,
  labelVariants,
  partsKey,
  type Variant,
  variantKey,
  variantOf,
} from './identity.ts'
import { readOutcome, runOf } from './outcome.ts'
import type { Phase, Row, Status } from './schema.ts'

/** The results for a forged proof and a forged output, and the distance of the proved output from the float model. */
export type ControlResults = NonNullable<ReturnType<typeof readControls>>

function readControls(row: Row) {
  const { proof_changes = null, output_max_abs_error = null, output_tolerance = null, accuracy = null } = row
  /** Why a forgery was not tried. */
  const why = row.controls_why ?? null
  return row.controls
    ? { ...row.controls, why, proof_changes, output_max_abs_error, output_tolerance, accuracy }
    : null
}

/** An empty series for the phase of a row. */
export function startSeries(row: Row) {
  return {
    /** Identity of point, prover and phase. */
    key: phaseKey(row),
    /** Identity of the point and phase, regardless of the prover. */
    place: phaseKey({ ...row, prover: null, side: null }),
    /** Identity of the variant among those of its prover. */
    settingsKey: partsKey(row),
    /** Identity of the point and the variant, for figures that all phases share. */
    owner: variantKey(row),
    /** Identity of the machine and clock of its first row. */
    bench: benchKey(row),
    /** Run of its first row. */
    run: runOf(row),
    track: row.track ?? null,
    point: pointName({ ...row, side: null }),
    phase: row.phase,
    prover: row.prover?.name ?? null,
    variant: variantOf(row),
    /** Name of its variant among those shown, see `labelSeries`. */
    label: row.prover?.name ?? null,
    /** Side of a comparison. */
    side: row.side ?? null,
    /** Its first row, which has what the key functions left out. */
    first: row,
    /** Its last row that succeeded. */
    last: null as Row | null,
    /** Runs of its rows. */
    runs: new Set<string>(),
    /** Number of rows by status. */
    statuses: new Map<Status, number>(),
    failures: new Failures(),
    warnings: new Set<string>(),
    paramCount: null as number | null,
    /** What its rows measured: more than one value of an origin means that different things are pooled. */
    origins: new Map<Origin, Set<string>>(),
    // The rest is about rows that succeeded.
    numbers: new Map() as Figures['numbers'],
    digests: new Map() as Figures['digests'],
    iterations: new Iterations(),
    /** Versions of the prover in these rows. */
    versions: new Set<string>(),
    /** Artifacts that the prover declares to be identical in every run. */
    deterministic: new Map<string, 'bytes' | 'size'>(),
    conditions: new Map() as Conditions,
    memSources: new Set<string>(),
    isMemLowerBound: false,
    /** Share of its wall clock that others cost each row; NaN if it is not known. */
    shares: new Samples(),
    /** Wall-clock times, s, of rows that also have the prover's own time. */
    wallS: new Samples(),
    /** Begin and end of each row of a process that stays loaded, s since the epoch: some may overlap. */
    begunS: new Samples(),
    endedS: new Samples(),
    /** Times of the rows that are not known to be disturbed, s, and the disturbed share of the others. */
    calmS: new Samples(),
    disturbed: new Samples(),
    /** Forgeries that were accepted: proofs, outputs. */
    accepted: new Set<string>(),
    /** Negative controls of the last row that has some. */
    controls: null as ControlResults | null,
    /** `settings.sampling` of the last row that has one. */
    sampling: null as unknown,
    /** Caches: the next row usually has the same context. */
    lastContext: undefined as ReturnType<typeof readContext> | undefined,
    lastOkContext: undefined as ReturnType<typeof readContext> | undefined,
  }
}

/**
 * What is known about the rows of one phase that belong together: the figures of the successful ones in measurement
 * order, how all of them ended, and the conditions. Cards, tables, reports and verdicts are views of it.
 */
export type Series = ReturnType<typeof startSeries>

function addRow(series: Series, row: Row): void {
  const status = readOutcome(row)
  addCount(series, status, 1)
  series.paramCount ??= row.param_count ?? null
  const run = runOf(row)
  if (run !== null) addBounded(series.runs, run)
  for (const warning of row.warnings ?? []) addBounded(series.warnings, warning)
  for (const [forged, outcome] of Object.entries(row.controls ?? {})) {
    if (outcome === 'accepted') series.accepted.add(forged)
  }
  const context = readContext(row)
  if (context !== series.lastContext) {
    series.lastContext = context
    for (const [name, value] of context.origins)
      addBounded(getOrAdd(series.origins, name, startSet<string>), value)
  }
  noteStay(series, row)
  if (status !== 'ok') return series.failures.add(row)
  series.last = row
  series.iterations.add(row)
  addFigures(series, row)
  series.shares.push(row.disturbed ?? Number.NaN)
  if (row.prover?.version) series.versions.add(row.prover.version)
  for (const [artifact, how] of Object.entries(row.prover?.deterministic ?? {})) {
    series.deterministic.set(artifact, how)
  }
  if (row.mem_mb != null) {
    if (row.mem_source) addBounded(series.memSources, row.mem_source)
    series.isMemLowerBound ||= row.mem_lower_bound === true
  }
  if (row.time_s != null) {
    if (isDisturbed(row)) series.disturbed.push(row.disturbed!)
    else series.calmS.push(row.time_s)
    if (row.time_source === 'wall' && row.time_s_rust != null) series.wallS.push(row.time_s)
  }
  series.sampling = row.settings?.['sampling'] ?? series.sampling
  series.controls = readControls(row) ?? series.controls
  if (context === series.lastOkContext) return
  series.lastOkContext = context
  for (const [name, value] of context.conditions) getOrAdd(series.conditions, name, startSet).add(value)
}

/** Merges in the series of later rows. */
function mergeSeries(series: Series, later: Cloned<Series>): void {
  for (const [status, count] of later.statuses) addCount(series, status, count)
  series.paramCount ??= later.paramCount
  for (const name of ['runs', 'warnings', 'memSources'] as const) {
    for (const text of later[name]) addBounded(series[name], text)
  }
  for (const [name, values] of later.origins) {
    for (const value of values) addBounded(getOrAdd(series.origins, name, startSet<string>), value)
  }
  for (const [name, values] of later.conditions) addAll(getOrAdd(series.conditions, name, startSet), values)
  for (const name of ['accepted', 'versions'] as const) addAll(series[name], later[name])
  for (const [artifact, how] of later.deterministic) series.deterministic.set(artifact, how)
  series.failures.merge(later.failures)
  series.iterations.merge(later.iterations)
  mergeFigures(series, later)
  for (const name of ['wallS', 'begunS', 'endedS', 'calmS', 'disturbed', 'shares'] as const)
    series[name].append(later[name])
  series.isMemLowerBound ||= later.isMemLowerBound
  series.last = (later.last as Row | null) ?? series.last
  series.sampling = later.sampling ?? series.sampling
  series.controls = later.controls ?? series.controls
}

/** A failed request takes its time, too. */
function noteStay(series: Series, { process, timestamp, time_s }: Row): void {
  if (!isLoaded(process) || !timestamp || time_s == null) return
  const endS = Date.parse(timestamp) / 1000
  if (!Number.isFinite(endS)) return
  series.begunS.push(endS - time_s)
  series.endedS.push(endS)
}

/** Whether a process serves several iterations. */
export const isLoaded = (process: Row['process']) => process === 'warm' || process === 'service'

function addCount({ statuses }: Series, status: Status, count: number): void {
  statuses.set(status, (statuses.get(status) ?? 0) + count)
}

const MAX_TEXTS = 20

/** Adds a text from a file to a set whose size must not grow with the file. */
export function addBounded(set: Set<string>, text: string): void {
  if (set.size < MAX_TEXTS) set.add(text)
}

/** Names the variants of some series by what differs between them and others that are shown. */
export function labelSeries(series: Iterable<Series>, others: Iterable<Variant> = []): void {
  const all = [...series]
  // Published figures have no settings: they must not make settings that all measured rows share part of every name.
  const measured = all.filter(({ first }) => !first.reported)
  const labelOf = labelVariants([...measured.map(({ variant }) => variant), ...others])
  for (const own of all) own.label = labelOf(own.variant)
}

/**
 * Share of its wall clock that others cost at least half of the rows. A row without that share counts as undisturbed:
 * in a short phase only a large disturbance can be measured, so the rows that have one are not typical. Null if no row
 * has one.
 */
export function shareOfOthers({ shares }: Series): number | null {
  const all = shares.toArray()
  if (all.every(Number.isNaN)) return null
  return median(all.map((share) => share || 0))
}

export const okCount = ({ statuses }: Series) => statuses.get('ok') ?? 0

export function rowCount({ statuses }: Series): number {
  return [...statuses.values()].reduce((sum, count) => sum + count, 0)
}

export function hasMetric({ numbers, digests }: Series, metric: string): boolean {
  return numbers.has(metric) || digests.has(metric)
}

export function metricsOf({ numbers, digests }: Series): string[] {
  return [...numbers.keys(), ...digests.keys()]
}

/** Every iteration of a number in measurement order; empty if there is no such figure. */
export function numbersOf(series: Series | null | undefined, metric: string): number[] {
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
  /** Whether two rows each stand for all iterations, as in a baseline with both sides of a merge. */
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

/**
 * Which rows are pooled, apart from their phase: those of a point with one variant, and for `points` one clock, for
 * `runs` and `table` one run and one machine.
 */
const POOLS = { points: clockedKey, variants: variantKey, runs: runKey, table: runKey }
export type Pool = keyof typeof POOLS

/** Published figures are shown, never judged. */
const TAKES_REPORTED: ReadonlySet<Pool> = new Set(['points', 'table'])

/** Folds any number of rows into series. Memory grows by a few numbers per row. */
export class SeriesFold {
  readonly pool: Pool
  rows = 0
  /** In order of first appearance. */
  readonly list: { pool: string; series: Series }[] = []
  readonly #pools = new Map<string, Map<Phase, Series>>()

  constructor(pool: Pool) {
    this.pool = pool
  }

  add(given: Row): void {
    this.rows++
    // The gate and baselines hold what was measured.
    if (given.reported && !TAKES_REPORTED.has(this.pool)) return
    // A summary counts a baseline's line as one row: the field of a figure holds the median.
    const row = given.samples && this.pool === 'points' ? { ...given, samples: undefined } : given
    addRow(this.#open(POOLS[this.pool](row), row.phase, row), row)
  }

  /** Merges in what another thread folded of later rows. */
  merge(later: Cloned<SeriesFold>): void {
    this.rows += later.rows
    for (const { pool, series } of later.list) {
      mergeSeries(this.#open(pool, series.phase, series.first as Row), series)
    }
  }

  get series(): Series[] {
    return this.list.map(({ series }) => series)
  }

  /** The phases of each pool of rows, in order of first appearance. */
  get pools(): ReadonlyMap<string, ReadonlyMap<Phase, Series>> {
    return this.#pools
  }

  #open(pool: string, phase: Phase, first: Row): Series {
    const phases = getOrAdd(this.#pools, pool, () => new Map<Phase, Series>())
    return getOrAdd(phases, phase, () => {
      const series = startSeries(first)
      this.list.push({ pool, series })
      return series
    })
  }
}

export function foldRows(rows: Iterable<Row>, pool: Pool): SeriesFold {
  const fold = new SeriesFold(pool)
  for (const row of rows) fold.add(row)
  return fold
}
