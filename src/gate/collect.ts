import { ProvemarkError } from '../errors.ts'
import { foldFiles } from '../row/fold-files.ts'
import type { RowProblem } from '../row/read.ts'
import type { RunSelection } from '../row/runs.ts'
import { okCount, type Series, type SeriesFold } from '../row/series.ts'

/**
 * Series of the selected runs of a results file.
 * @throws ProvemarkError ROWS_UNREADABLE, ROWS_CONFLICT
 */
export async function readSeries(
  file: string,
  run: RunSelection,
  onProblem: (problem: RowProblem) => void,
): Promise<Series[]> {
  const { series } = await foldFiles([file], { run, onProblem, pool: 'variants' })
  checkSummaries(file, series)
  return series
}

/** The rows of all runs in a baseline file, by run and machine. */
export async function foldBaseline(
  file: string,
  onProblem: (problem: RowProblem) => void,
): Promise<SeriesFold> {
  return foldFiles([file], { run: 'all', onProblem, pool: 'runs' })
}

/** Ambiguous series of a baseline: rows without a run id that repeat an iteration, as both sides of a merge do. */
export function findTwice(series: readonly Series[], except: ReadonlySet<string | null>): Series[] {
  if (except.has(null)) return []
  return series.filter(({ run, iterations }) => run === null && iterations.isTwice)
}

/**
 * For each phase of each point in a baseline, the last run that measured it successfully, without the excluded runs.
 * Older runs measured older code and would blur the figures of the last one.
 */
export function selectLatest(series: readonly Series[], except: ReadonlySet<string | null>): Series[] {
  const latest = new Map<string, Series[]>()
  for (const [run, own] of Map.groupBy(series, (one) => one.run)) {
    if (except.has(run)) continue
    const good = own.filter((one) => okCount(one) > 0)
    for (const [key, phases] of Map.groupBy(good, (one) => one.key)) latest.set(key, phases)
  }
  return [...latest.values()].flat()
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
