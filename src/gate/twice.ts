import { ProvemarkError } from '../errors.ts'
import type { Series } from './series.ts'

const MAX_NAMED = 5

/**
 * Refuses results that are a baseline's rows with both sides of a merge.
 * @throws ProvemarkError ROWS_CONFLICT
 */
export function checkSummaries(file: string, series: readonly Series[]): void {
  const twice = series.filter(({ run, iterations }) => run === null && iterations.isSummarizedTwice)
  if (twice.length) throw refuseTwice(file, twice)
}

/** The error of a baseline that says two things of one phase. */
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
