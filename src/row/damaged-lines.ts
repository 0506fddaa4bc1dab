import { formatError, ProvemarkError } from '../errors.ts'
import type { RowProblem } from './read.ts'

const MAX_SHOWN = 10

/** Lines of results files that are not rows. Keeps the first ones and counts them all. */
export class DamagedLines {
  count = 0
  readonly first: RowProblem[] = []
  /** How many of them are git's conflict markers. */
  markers = 0
  readonly #show: ((line: string) => void) | undefined

  /** @param show prints the first ones as they are found */
  constructor(show?: (line: string) => void) {
    this.#show = show
  }

  /** For `ReadOptions`. */
  readonly onProblem = (problem: RowProblem): void => {
    this.count++
    if (problem.isMarker) this.markers++
    if (this.count > MAX_SHOWN) return
    this.first.push(problem)
    this.#show?.(`${placeOf(problem)}: ${formatError(problem.error)}`)
  }

  /** Whether a file holds both sides of a merge, separated by git's conflict markers. */
  get hasMarkers(): boolean {
    return this.markers > 0
  }

  /** `3 unreadable lines left out`; null if there are none. */
  describe(): string | null {
    if (!this.count) return null
    const markers = this.hasMarkers ? ", git's conflict markers among them: both sides of a merge count" : ''
    return `${this.count} unreadable ${this.count === 1 ? 'line' : 'lines'} left out${markers}`
  }

  /** One error that lists them. */
  refuse(what: string): ProvemarkError {
    const lines = this.first.map((problem) => `  - ${placeOf(problem)}: ${problem.error.message}`)
    const more = this.count - lines.length
    return new ProvemarkError(
      'ROWS_UNREADABLE',
      `${what}: ${this.count === 1 ? 'a line is no row' : `${this.count} lines are no rows`}\n${lines.join('\n')}${more ? `\n  and ${more} more` : ''}`,
      { hint: this.hasMarkers ? MERGE_HINT : 'remove the damaged lines, or create the file again' },
    )
  }
}

const MERGE_HINT = 'resolve the merge: keep the lines of one side, then run npx provemark baseline update'

const placeOf = ({ file, line }: RowProblem) => `${file}:${line}`
