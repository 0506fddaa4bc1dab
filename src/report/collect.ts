import { getOrAdd } from '../row/collections.ts'
import { Samples } from '../row/figures.ts'
import { clockedKey, pointName, type Variant, variantOf } from '../row/identity.ts'
import { metricId, type MetricId } from '../row/metrics.ts'
import { readOutcome, runOf, hasNoZone, normalizeTime } from '../row/outcome.ts'
import type { IsTaken } from '../row/runs.ts'
import { type Phase, PHASES, type Row } from '../row/schema.ts'
import { type Series, SeriesFold } from '../row/series.ts'
import type { RunInfo } from './data.ts'
import { describeMachine } from './machine.ts'
import { TOTAL_COST } from './metrics.ts'

/**
 * The iterations that a row stands for: a baseline's row holds all of a phase in `samples`; any other row is just one.
 */
function expandSamples(row: Row): readonly Row[] {
  if (!row.samples) return [row]
  const { samples, ...single } = row
  const count = Math.max(1, ...Object.values(samples).map(({ length }) => length))
  return Array.from({ length: count }, (_, i) => {
    const values = Object.entries(samples).map(([metric, own]) => [metric, own[i] ?? null])
    return { ...single, ...Object.fromEntries(values) } as Row
  })
}

/** Made once: making them for every row would take longer than adding its figures. */
const idsOf = (name: string) =>
  Object.fromEntries(PHASES.map((phase) => [phase, metricId(name, phase)])) as Record<Phase, MetricId>
const TIME_OF = idsOf('time_s')
const MEMORY_OF = idsOf('mem_mb')

/** The figures of one point in one run, kept for the plots over time. */
export class Trace {
  readonly name: string
  readonly track: string | null
  readonly side: Row['side']
  readonly variant: Variant
  /** Figures of ok rows, by metric. */
  readonly samples = new Map<MetricId, Samples>()

  constructor(row: Row) {
    this.name = pointName({ ...row, side: null })
    this.track = row.track ?? null
    this.side = row.side
    this.variant = variantOf(row)
  }

  add(row: Row): void {
    if (readOutcome(row) !== 'ok') return
    const { phase, time_s, mem_mb, ecc } = row
    this.#note(TIME_OF[phase], time_s)
    this.#note(MEMORY_OF[phase], mem_mb)
    this.#note(TOTAL_COST, ecc?.['totalCost'])
  }

  #note(metric: MetricId, value: number | null | undefined): void {
    if (value != null) getOrAdd(this.samples, metric, startSamples).push(value)
  }
}

const startSamples = () => new Samples()

/** The shown rows of one point, one variant and one clock, by phase. */
export type CollectedPoint = ReadonlyMap<Phase, Series>

export interface CollectedRun extends RunInfo {
  /** By point; null for a run that is too old to be drawn. */
  traces: Map<string, Trace> | null
}

/** Plots over time show at most this many runs, the newest ones. */
export const MAX_DRAWN_RUNS = 300

/** The last failed rows are shown one by one. */
const MAX_FAILED = 100

/**
 * Collects the rows of any number of files: shown ones by point, and all of them by run. Memory grows by the two or
 * three plotted numbers of each row.
 */
export class RowCollector {
  readonly runs = new Map<string | null, CollectedRun>()
  /** The last shown rows that did not succeed. */
  readonly failed: Row[] = []
  rows = 0
  /** Rows whose time has no time zone. */
  zoneless = 0
  readonly #isShown: IsTaken
  readonly #shown = new SeriesFold('points')
  #traced = 0

  constructor(isShown: IsTaken) {
    this.#isShown = isShown
  }

  add(row: Row, file: string): void {
    this.rows++
    const id = runOf(row)
    const isShown = this.#isShown(id, file, row.reported != null)
    let run = this.runs.get(id)
    if (!run) {
      this.runs.set(id, (run = startRun(id, row)))
      if (++this.#traced > 2 * MAX_DRAWN_RUNS) this.#dropOld()
    }
    if (noteRow(run, row)) this.zoneless++
    run.is_now ||= isShown
    if (isShown && readOutcome(row) !== 'ok') this.failed.push(row)
    if (this.failed.length > MAX_FAILED) this.failed.shift()
    const trace = run.traces && getOrAdd(run.traces, clockedKey(row), () => new Trace(row))
    for (const own of expandSamples(row)) {
      trace?.add(own)
      if (isShown) this.#shown.add(own)
    }
  }

  get points(): ReadonlyMap<string, CollectedPoint> {
    return this.#shown.pools
  }

  /** A run with this many newer ones can never be drawn, whatever rows follow. */
  #dropOld(): void {
    const traced = orderRuns(this.runs.values()).filter(({ traces }) => traces)
    for (const run of traced.slice(0, -MAX_DRAWN_RUNS)) run.traces = null
    this.#traced = MAX_DRAWN_RUNS
  }
}

/** Runs by start time. */
export function orderRuns(runs: Iterable<CollectedRun>): CollectedRun[] {
  return [...runs].toSorted((a, b) => compareTexts(a.started ?? '', b.started ?? ''))
}

function startRun(id: string | null, { machine }: Row): CollectedRun {
  return {
    id,
    started: null,
    ended: null,
    commit: machine?.commit ?? null,
    dirty: machine?.dirty ?? false,
    rows: 0,
    ok: 0,
    machine: machine ? describeMachine(machine) : null,
    is_now: false,
    traces: new Map(),
  }
}

const compareTexts = (a: string, b: string) => Number(a > b) - Number(a < b)

/** Returns whether the row's time has no time zone. */
function noteRow(run: CollectedRun, row: Row): boolean {
  run.rows++
  if (readOutcome(row) === 'ok') run.ok++
  const time = normalizeTime(row.timestamp)
  if (!time) return false
  if (run.started === null || time < run.started) run.started = time
  if (run.ended === null || time > run.ended) run.ended = time
  return hasNoZone(time)
}
