import { ProvemarkError } from '../errors.ts'
import { getOrAdd } from '../row/collections.ts'
import type { Cloned } from '../row/collector.ts'
import { foldFiles } from '../row/fold-files.ts'
import { benchKey, seriesKey } from '../row/identity.ts'
import type { RowProblem } from '../row/read.ts'
import { runOf, type RunSelection } from '../row/runs.ts'
import type { Row } from '../row/schema.ts'
import { addRow, mergeSeries, okCount, type Series, startSeries, startSeriesLike } from './series.ts'

/** Collects rows into series, pooling several runs. Holds their figures, not the rows. */
export class SeriesCollector {
  readonly kind = 'series'
  readonly series = new Map<string, Series>()
  readonly #keyOf: (row: Row) => string

  constructor(keyOf = seriesKey) {
    this.#keyOf = keyOf
  }

  add(row: Row): void {
    addRow(
      getOrAdd(this.series, this.#keyOf(row), () => startSeries(row)),
      row,
    )
  }

  merge(later: Cloned<SeriesCollector>): void {
    for (const [key, series] of later.series) {
      mergeSeries(
        getOrAdd(this.series, key, () => startSeriesLike(series)),
        series,
      )
    }
  }

  /** In order of first appearance. */
  list(): Series[] {
    return [...this.series.values()]
  }
}

/** Collects the rows of a baseline separately for each run and machine. */
export class BaselineCollector {
  readonly kind = 'runs'
  readonly runs = new Map<string | null, SeriesCollector>()

  add(row: Row): void {
    getOrAdd(this.runs, runOf(row), startCollector).add(row)
  }

  merge(later: Cloned<BaselineCollector>): void {
    for (const [run, series] of later.runs) getOrAdd(this.runs, run, startCollector).merge(series)
  }

  get isEmpty(): boolean {
    return this.runs.size === 0
  }

  /** Ambiguous series: rows without a run id that repeat an iteration, as both sides of a merge do. */
  findTwice(except: ReadonlySet<string | null>): Series[] {
    const nameless = except.has(null) ? undefined : this.runs.get(null)
    return nameless?.list().filter(({ iterations }) => iterations.isTwice) ?? []
  }

  /**
   * For each phase of each point, the last run that measured it successfully, without the excluded runs. Older runs
   * measured older code and would blur the figures of the last one.
   */
  selectLatest(except: ReadonlySet<string | null>): Series[] {
    const latest = new Map<string, Series[]>()
    for (const [run, series] of this.runs) {
      if (except.has(run)) continue
      const good = Map.groupBy(
        series.list().filter((own) => okCount(own) > 0),
        ({ key }) => key,
      )
      for (const [key, own] of good) latest.set(key, own)
    }
    return [...latest.values()].flat()
  }
}

const startCollector = () => new SeriesCollector(baselineKey)
const baselineKey = (row: Row) => `${seriesKey(row)} ${benchKey(row)}`

/**
 * Series of the selected runs of a results file.
 * @throws ProvemarkError ROWS_UNREADABLE, ROWS_CONFLICT
 */
export async function readSeries(
  file: string,
  run: RunSelection,
  onProblem: (problem: RowProblem) => void,
): Promise<Series[]> {
  const series = (await foldFiles(new SeriesCollector(), [file], { run, onProblem })).list()
  checkSummaries(file, series)
  return series
}

/** Collects the rows of all runs in a baseline file. */
export async function collectBaseline(
  file: string,
  onProblem: (problem: RowProblem) => void,
): Promise<BaselineCollector> {
  return foldFiles(new BaselineCollector(), [file], { run: 'all', onProblem })
}

/** The error for a baseline that has nothing to compare with. */
export function baselineMissing(message: string): ProvemarkError {
  return new ProvemarkError('BASELINE_MISSING', message, {
    hint: 'npx provemark baseline update creates one from your last run; --allow-missing lets a first run pass without it',
  })
}

const MAX_NAMED = 5

/**
 * Rejects results that are baseline rows with both sides of a merge.
 * @throws ProvemarkError ROWS_CONFLICT
 */
function checkSummaries(file: string, series: readonly Series[]): void {
  const twice = series.filter(({ run, iterations }) => run === null && iterations.isSummarizedTwice)
  if (twice.length) throw refuseTwice(file, twice)
}

/** The error for a baseline that has two different entries for one phase. */
export function refuseTwice(
  what: string,
  twice: readonly Pick<Series, 'point' | 'phase' | 'prover'>[],
): ProvemarkError {
  const names = twice.map(({ point, phase, prover }) => [point, phase, prover].filter(Boolean).join(' '))
  const more = names.length - MAX_NAMED
  return new ProvemarkError(
    'ROWS_CONFLICT',
    `${what} holds twice, without a run that tells which counts: ${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    {
      hint: 'keep the lines of one side of the merge, or measure again and run npx provemark baseline update',
    },
  )
}
