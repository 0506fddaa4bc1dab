import type { Cloned } from '../row/fold/cloned.ts'
import type { Row } from '../row/schema.ts'

/** What tells a row from the others of its series; null where nothing does. */
type Iteration = number | 'all' | null

/**
 * Which iterations of a series there are, to find one that is there twice. A run writes them in order, so that most
 * often a single number holds them all.
 */
export class Iterations {
  /** 1 to this are there. */
  last = 0
  readonly others = new Set<Iteration>()
  isTwice = false
  /** Whether two rows each stand for all repetitions, as the two sides of a merged baseline do. */
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
