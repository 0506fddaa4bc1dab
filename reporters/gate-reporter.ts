import { formatError } from '../src/errors.ts'
import { judge } from '../src/gate/judge.ts'
import { LOOKS } from '../src/gate/noisy.ts'
import { budgetsOfComparison, splitSides } from '../src/gate/pair.ts'
import { type Series, SeriesFold } from '../src/row/series.ts'
import type { GateReport } from '../src/gate/verdict.ts'
import type { Plan } from '../src/plan/plan.ts'
import { annotateError, publishGate, renderGate } from '../src/render/gate-output.ts'
import { readCardStyle } from '../src/render/terminal.ts'
import type { Row } from '../src/row/schema.ts'
import { raiseExitCode } from '../src/run/output.ts'
import type { PlannedGate } from '../src/run/plan-gate.ts'
import { RowReporter } from './row-reporter.ts'

/** Judges a run when it ends: prints the findings, writes files for other tools and sets the exit code. */
export class GateReporter extends RowReporter {
  readonly #plan: Plan
  readonly #gate: PlannedGate
  readonly #fold = new SeriesFold('variants')

  constructor(plan: Plan, gate: PlannedGate) {
    super()
    this.#plan = plan
    this.#gate = gate
    for (const row of gate.earlier ?? []) this.#fold.add(row)
  }

  protected override onRow(row: Row): void {
    this.#fold.add(row)
  }

  onTestRunEnd(_modules: unknown, _errors: unknown, reason: string): void {
    if (this.#fold.rows <= (this.#gate.earlier?.length ?? 0)) return
    const { logger } = this.vitest
    const always = { always: true }
    if (reason === 'interrupted')
      return this.print('\ngate: nothing was judged, since the run was ended early', always)
    const log = (line: string) => this.print(line, always)
    try {
      const { interleave, gate } = this.#plan
      const { series } = this.#fold
      const report = interleave ? this.#judgeSides(series) : this.#judge(series)
      const options = { all: interleave, sides: interleave }
      const table = renderGate(report, readCardStyle(process.stdout), options)
      this.print(`\n${table}`, { always: report.exit_code > 0 })
      raiseExitCode(report.exit_code)
      publishGate(report, series, gate, log)
    } catch (error) {
      logger.error(`\n${formatError(error)}`)
      if (process.env['GITHUB_ACTIONS']) log(annotateError(formatError(error)))
      raiseExitCode(2)
    }
  }

  #judge(now: Series[]): GateReport {
    const { gate: rules } = this.#plan
    const { baseline, known } = this.#gate
    return judge({ now, ...baseline, budgets: rules.budgets, rules, known })
  }

  #judgeSides(series: Series[]): GateReport {
    const { gate: rules, continues } = this.#plan
    const { a, b } = splitSides(series)
    const budgets = budgetsOfComparison(rules.budgets, series)
    const looks = continues === undefined ? 1 : LOOKS.length
    return judge({ now: b, base: a, budgets, rules, sides: true, looks, known: this.#gate.known })
  }
}
