import { ProvemarkError } from '../errors.ts'
import { foldFiles } from '../row/fold-files.ts'
import type { RowProblem } from '../row/read.ts'
import type { RunSelection } from '../row/runs.ts'
import { findForks } from './baseline-rows.ts'
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

/** Ambiguous series of a baseline: rows that repeat an iteration, as both sides of a merge do, or mixed histories. */
export function findTwice(series: readonly Series[], except: ReadonlySet<string | null>): Series[] {
  const nameless = series.filter(({ run, iterations }) => run === null && iterations.isTwice)
  return [...new Set([...(except.has(null) ? [] : nameless), ...findForks(series)])]
}

/**
 * For each phase of each point in a baseline, the runs to judge against, oldest first, without the excluded ones: all
 * that `baseline update` kept. Of other results files only the last that measured it, since nothing says that the older
 * ones measured the same code.
 */
export function selectRuns(series: readonly Series[], except: ReadonlySet<string | null>): Series[] {
  const good = series.filter((one) => okCount(one) > 0)
  return [...Map.groupBy(good, ({ key }) => key).values()].flatMap((own) => {
    const others = own.filter(({ run }) => !except.has(run))
    const kept = own.filter(({ first }) => first.samples != null)
    // A baseline that holds nothing but the run itself is judged against, and a note says so.
    if (kept.length) return others.length ? others : kept
    const last = others.at(-1)?.run
    return others.filter(({ run }) => run === last)
  })
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
  const twice = series.filter(({ iterations }) => iterations.isSummarizedTwice)
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
    `${what} holds two histories, as after a merge: ${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    {
      hint: 'keep the lines of one side of the merge, or measure again and run npx provemark baseline update',
    },
  )
}
