import { getOrAdd } from '../row/collections.ts'
import { Samples } from '../row/figures.ts'
import { pointKey, pointName } from '../row/identity.ts'
import { metricId, type MetricId } from '../row/metrics.ts'
import { readClock, readOutcome } from '../row/outcome.ts'
import { identifyPoint, PointSamples } from '../row/point-samples.ts'
import { type IsTaken, runOf } from '../row/runs.ts'
import type { Row } from '../row/schema.ts'
import { hasNoZone, normalizeTime } from '../row/time.ts'
import { type Places, readPlaces } from './axes.ts'
import type { RunInfo } from './data.ts'
import { describeMachine, describeProver, describeSettings, labelProver } from './machine.ts'
import { TOTAL_COST } from './metrics.ts'

/**
 * The repetitions that a row stands for: a baseline's row holds all of a phase in `samples`; any other row is just one.
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

/** Caches the identity of point, prover and clock, so that rows with the same one share one string. */
class KeyCache {
  readonly #keys = { wall: new Map<string, string>(), prover: new Map<string, string>() }

  keyOf(row: Row): string {
    const clock = readClock(row)
    const key = pointKey(row)
    return getOrAdd(this.#keys[clock], key, () => `${clock} ${key}`)
  }
}

/** The figures of one point in one run, kept for the plots over time. */
export class Trace {
  readonly name: string
  readonly track: string | null
  readonly prover: string | null
  /** Figures of ok rows, by metric. */
  readonly samples = new Map<MetricId, Samples>()

  constructor(row: Row) {
    this.name = pointName({ ...row, side: null })
    this.track = row.track ?? null
    this.prover = labelProver(row)
  }

  add(row: Row): void {
    if (readOutcome(row) !== 'ok') return
    const { phase, time_s, mem_mb, ecc } = row
    this.#note(metricId('time_s', phase), time_s)
    this.#note(metricId('mem_mb', phase), mem_mb)
    this.#note(TOTAL_COST, ecc?.['totalCost'])
  }

  #note(metric: MetricId, value: number | null | undefined): void {
    if (value != null) getOrAdd(this.samples, metric, startSamples).push(value)
  }
}

const startSamples = () => new Samples()

/** The shown rows of one point, one prover and one clock. */
export interface CollectedPoint {
  /** Identity of the point, regardless of its prover. */
  model_key: string
  places: Places
  /** Name of the point, regardless of its prover. */
  name: string
  /** Name of the prover, and its side in a comparison. */
  prover_label: string | null
  /** Name, version and security of its prover, on one line. */
  prover: string | null
  settings: string | null
  samples: PointSamples
}

export interface CollectedRun extends RunInfo {
  /** By point; null for a run that is too old to be drawn. */
  traces: Map<string, Trace> | null
}

/** Plots over time show at most this many runs, the newest ones. */
export const MAX_DRAWN_RUNS = 300

/**
 * Collects the rows of any number of files: shown ones by point, and all of them by run. Memory grows by the two or
 * three plotted numbers of each row.
 */
export class RowCollector {
  readonly runs = new Map<string | null, CollectedRun>()
  readonly points = new Map<string, CollectedPoint>()
  rows = 0
  /** Rows whose time has no time zone. */
  zoneless = 0
  readonly #isShown: IsTaken
  readonly #keys = new KeyCache()
  #traced = 0

  constructor(isShown: IsTaken) {
    this.#isShown = isShown
  }

  add(row: Row, file: string): void {
    this.rows++
    const id = runOf(row)
    const isShown = this.#isShown(id, file)
    let run = this.runs.get(id)
    if (!run) {
      this.runs.set(id, (run = startRun(id, row)))
      if (++this.#traced > 2 * MAX_DRAWN_RUNS) this.#dropOld()
    }
    if (noteRow(run, row)) this.zoneless++
    run.is_now ||= isShown
    const key = this.#keys.keyOf(row)
    const trace = run.traces && getOrAdd(run.traces, key, () => new Trace(row))
    const point = isShown ? getOrAdd(this.points, key, () => startPoint(row)) : undefined
    for (const own of expandSamples(row)) {
      trace?.add(own)
      point?.samples.add(own)
    }
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
    rows: 0,
    ok: 0,
    started: null,
    ended: null,
    commit: machine?.commit ?? null,
    dirty: machine?.dirty ?? false,
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

function startPoint(row: Row): CollectedPoint {
  return {
    model_key: pointKey({ ...row, prover: null, side: null }),
    name: pointName({ ...row, side: null }),
    prover_label: labelProver(row),
    places: readPlaces(row),
    prover: describeProver(row),
    settings: describeSettings(row),
    samples: new PointSamples(identifyPoint(row)),
  }
}
