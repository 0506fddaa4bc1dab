import type { TestCase, TestSuite, Vitest } from 'vitest/node'
import { summarizeRows } from '../src/row/summary.ts'
import type { Variant } from '../src/row/identity.ts'
import { getOrAdd } from '../src/row/collections.ts'
import type { Row } from '../src/row/schema.ts'
import { renderCard } from '../src/render/card.ts'
import { renderProverComparison } from '../src/render/prover-comparison.ts'
import { RowReporter } from './row-reporter.ts'
import { renderRunCard } from '../src/render/run-card.ts'
import { readCardStyle, type CardStyle } from '../src/render/terminal.ts'

/** Prints the card of a point after its last phase, and the card of the run at the end. */
export class CardReporter extends RowReporter {
  readonly #rows: Row[] = []
  /** Rows of unfinished points, by the id of their suite. */
  readonly #open = new Map<string, Row[]>()
  readonly #isBrief: boolean
  readonly #variants: readonly Variant[]
  #style!: CardStyle

  /**
   * @param options.brief limits the card of a point to one line per kind of figure
   * @param options.variants those of the run, whose names say what differs between them
   */
  constructor({ brief = false, variants = [] }: { brief?: boolean; variants?: readonly Variant[] } = {}) {
    super()
    this.#isBrief = brief
    this.#variants = variants
  }

  override onInit(vitest: Vitest): void {
    super.onInit(vitest)
    this.#style = readCardStyle(process.stdout)
  }

  protected override onRow(row: Row, { parent }: TestCase): void {
    this.#rows.push(row)
    getOrAdd(this.#open, parent.id, () => []).push(row)
  }

  onTestSuiteResult(suite: TestSuite): void {
    this.#print(this.#open.get(suite.id) ?? [])
    this.#open.delete(suite.id)
  }

  onTestRunEnd(): void {
    // After a cancelled run there are points whose suite never ended.
    this.#print([...this.#open.values()].flat())
    if (!this.#rows.length) return
    const points = summarizeRows(this.#rows, this.#variants)
    const cards = [renderProverComparison(points, this.#style), renderRunCard(points, this.#style)]
    this.print(cards.flatMap((card) => (card ? [`\n${card}`] : [])).join('\n'))
  }

  #print(rows: readonly Row[]): void {
    for (const [i, point] of summarizeRows(rows, this.#variants).entries()) {
      // A brief card directly follows the lines of its phases.
      const gap = this.#isBrief && i === 0 ? '' : '\n'
      this.print(gap + renderCard(point, this.#style, { brief: this.#isBrief }))
    }
  }
}
