import { z } from 'zod'
import { renderCard } from '../../reporters/card.ts'
import { renderProverComparison } from '../../reporters/prover-comparison.ts'
import { renderRunCard } from '../../reporters/run-card.ts'
import { readCardStyle } from '../../reporters/terminal.ts'
import { formatError, ProvemarkError } from '../errors.ts'
import { aggregateFiles } from '../row/aggregate-files.ts'
import type { RowProblem } from '../row/jsonl.ts'
import { parseRunSelection } from '../row/runs.ts'
import { findScaling } from '../row/scaling.ts'
import { defineCommand } from './command.ts'
import { COMMON } from './common-options.ts'

const MAX_PROBLEMS_SHOWN = 10

export default defineCommand({
  description: 'The card of the rows in results files, or its figures as JSON',
  operands: { name: 'FILE…', description: 'JSONL files: npx provemark summary rows.jsonl…' },
  options: z.object({ json: COMMON.json, run: COMMON.run }),
  async run({ options, operands: files }) {
    if (files.length === 0) {
      throw new ProvemarkError('NO_ROWS', 'no results file was named', {
        hint: 'npx provemark summary benchmarking/*.jsonl',
      })
    }
    let unreadable = 0
    const onProblem = (problem: RowProblem) => {
      if (++unreadable <= MAX_PROBLEMS_SHOWN) console.error(describeProblem(problem))
    }
    const { rows, points } = await aggregateFiles(files, { run: parseRunSelection(options.run), onProblem })
    if (unreadable > 0)
      console.error(`${unreadable} unreadable ${unreadable === 1 ? 'line' : 'lines'} left out`)
    if (rows === 0) {
      throw new ProvemarkError(
        'NO_ROWS',
        `no row ${options.run ? `of run ${options.run} ` : ''}in ${files.join(', ')}`,
        {
          hint: options.run ? '--run all takes every run' : 'npx vitest bench writes rows to benchmarking/',
        },
      )
    }
    if (options.json) {
      const figures = { rows, unreadable_lines: unreadable, points, scaling: findScaling(points) }
      console.log(JSON.stringify(figures, null, 2))
      return
    }
    const style = readCardStyle(process.stdout)
    const cards = points.map((point) => renderCard(point, style))
    const run = points.length > 1 ? [renderProverComparison(points, style), renderRunCard(points, style)] : []
    console.log([...cards, ...run.filter(Boolean)].join('\n\n'))
  },
})

function describeProblem({ file, line, error }: RowProblem): string {
  return `${file}:${line}: ${formatError(error)}`
}
