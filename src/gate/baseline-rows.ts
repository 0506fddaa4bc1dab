import { median } from 'simple-statistics'
import { compareNaturally } from '../lib/names.ts'
import {
  benchKey,
  modelName,
  partsKey,
  pointKey,
  pointName,
  seriesKey,
  VARIANT_FIELDS,
} from '../row/identity.ts'
import { classOf, isCounter, isDerived } from '../row/metrics.ts'
import { readOutcome, runOf } from '../row/outcome.ts'
import { PHASES, type Row } from '../row/schema.ts'
import { type Series, SeriesFold, shareOfOthers } from '../row/series.ts'

/** The most runs that a baseline keeps of each phase of a point at one setting on one machine. */
export const MAX_RUNS = 20

/**
 * The rows of a baseline: one per phase of each point and run, with the median of every figure in its field and all
 * iterations of the noisy ones in `samples`. They are sorted, the oldest run first, so that a diff shows what changed.
 * Paths, commands and times of day are left out because no verdict needs them.
 */
export class BaselineRows {
  readonly #fold = new SeriesFold('runs')

  /** Only rows that succeeded count. The two sides of a comparison never become a baseline. */
  add(row: Row): void {
    if (!row.side && readOutcome(row) === 'ok') this.#fold.add(row)
  }

  list(): Row[] {
    return this.#fold.series.map(condense).toSorted(byPlace)
  }
}

/**
 * Adds runs to a baseline. A run that it already has is replaced. With `replace`, the other runs of what was measured
 * again are dropped.
 */
export function updateBaseline(
  older: readonly Row[],
  newer: readonly Row[],
  { replace = false } = {},
): Row[] {
  const measured = new Set(newer.map(seriesKey))
  const kept = replace ? older.filter((row) => !measured.has(seriesKey(row))) : older
  const lines = Map.groupBy([...kept, ...newer], lineKey)
  return [...lines.values()].flatMap(keepLatest).toSorted(byPlace)
}

const lineKey = (row: Row) => `${seriesKey(row)} ${benchKey(row)}`

/**
 * The last runs of one series, each naming the run before it, so that a merge that mixes two histories can be detected.
 */
function keepLatest(rows: readonly Row[]): Row[] {
  const byRun = [...new Map(rows.map((row) => [runOf(row), row])).values()]
  const chained = byRun.map((row, i): Row => {
    const before = byRun[i - 1]
    return before ? { ...row, after_run: runOf(before) ?? '' } : row
  })
  return chained.slice(-MAX_RUNS)
}

/** Series in which a run does not follow the one that it was added after: two histories were merged. */
export function findForks(series: readonly Series[]): Series[] {
  const lines = Map.groupBy(
    series.filter(({ first }) => first.samples != null),
    ({ key, settingsKey, bench }) => `${key} ${settingsKey} ${bench}`,
  )
  return [...lines.values()].flatMap((own) =>
    own.filter(({ first, iterations }, i) => {
      const before = own[i - 1]
      return iterations.isTwice || (before !== undefined && first.after_run !== (before.run ?? ''))
    }),
  )
}

function condense(series: Series): Row {
  const last = series.last!
  const deterministic = new Map(Object.entries(last.prover?.deterministic ?? {}))
  const measured = [...series.numbers].filter(([metric]) => !isDerived(metric))
  const numbers = measured.map(([metric, values]) => [metric, values.toArray()] as const)
  // An exact figure has one value. If it varies, all values are kept, as for a noisy one.
  const isSample = (metric: string, values: readonly number[]) =>
    classOf(metric, deterministic) === 'noisy' || values.some((value) => value !== values[0])
  const samples = numbers.filter(([metric, values]) => isSample(metric, values))
  const exact = numbers.filter(([metric, values]) => !isSample(metric, values))
  const fields = [
    ...exact.map(([metric, values]) => [metric, values[0]!] as const),
    ...samples.map(([metric, values]) => [metric, shorten(median(values))] as const),
  ].filter(([metric]) => !isCounter(metric))
  const others = shareOfOthers(series)
  return {
    ...identityOf(last),
    ...Object.fromEntries(fields),
    ...(Object.keys(last.ecc ?? {}).length ? { ecc: last.ecc } : {}),
    samples: Object.fromEntries(samples.map(([metric, values]) => [metric, values.map(shorten)])),
    ...(others === null ? {} : { disturbed: shorten(others) }),
  } as Row
}

/** The fields that a row needs to be paired and to have its conditions compared. */
function identityOf(row: Row): Partial<Row> {
  const { machine, prover, settings } = row
  return {
    schema: 1,
    ...(row.params ? {} : { model: modelName(row.model) }),
    ...pick(row, ['run_id', 'phase', 'track', 'point', 'params', 'security', 'time_source', 'mem_source']),
    ...pick(row, ['model_sha256', 'circuit_sha256', ...Object.keys(VARIANT_FIELDS)]),
    ...(prover ? { prover: { name: prover.name, ...pick(prover, ['version', 'deterministic']) } } : {}),
    ...(settings ? { settings: { ...settings, sampling: undefined } } : {}),
    ...(machine ? { machine: pick(machine, ['cpu', 'cores', 'mem_mb', 'mem_limit_mb']) } : {}),
    status: 'ok',
  }
}

function pick<Source extends object>(source: Source, names: readonly (keyof Source)[]): Partial<Source> {
  const there = names.filter((name) => source[name] != null)
  return Object.fromEntries(there.map((name) => [name, source[name]])) as Partial<Source>
}

/** Six digits are more than any clock or page count is accurate to. */
const shorten = (value: number) => (Number.isInteger(value) ? value : Number(value.toPrecision(6)))

function byPlace(a: Row, b: Row): number {
  const [own, other] = [sortKey(a), sortKey(b)]
  return own.reduce((order, text, i) => order || compareNaturally(text, other[i]!), 0)
}

// Sorts by track, then by point in natural order, then by phase.
function sortKey(row: Row): string[] {
  return [row.track ?? '', pointName(row), pointKey(row), partsKey(row), String(PHASES.indexOf(row.phase))]
}
