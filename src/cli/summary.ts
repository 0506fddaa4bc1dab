import { z } from 'zod'
import { renderCard } from '../render/card.ts'
import { renderProverComparison } from '../render/prover-comparison.ts'
import { renderRunCard } from '../render/run-card.ts'
import { readCardStyle } from '../render/terminal.ts'
import { summarizeFiles } from '../row/summary.ts'
import { DamagedLines } from '../row/read.ts'
import { noRows, parseRunSelection } from '../row/runs.ts'
import { findScaling, fitOperatorCosts } from '../row/scaling.ts'
import { COMMON, defineCommand, requireFiles } from './command.ts'

export default defineCommand({
  description: 'Prints the cards of results files, or their figures as JSON',
  operands: { name: 'FILE…', description: 'JSONL files: npx provemark summary rows.jsonl…' },
  options: z.object({ json: COMMON.json, run: COMMON.run }),
  async run({ options, operands: files }) {
    requireFiles(files, 'npx provemark summary benchmarking/*.jsonl')
    const damaged = new DamagedLines(console.error)
    const run = parseRunSelection(options.run)
    const { rows, points } = await summarizeFiles(files, { run, onProblem: damaged.onProblem })
    if (damaged.count) console.error(damaged.describe())
    // Figures pooled from both sides of a merge describe neither side.
    if (damaged.hasMarkers) process.exitCode = 2
    if (rows === 0) throw noRows(files, run)
    if (!points.some(({ phases }) => phases.some(({ ok }) => ok > 0))) {
      console.error('NO_ROWS: nothing was measured: no phase succeeded')
      process.exitCode = 2
    }
    if (options.json) {
      const figures = {
        rows,
        unreadable_lines: damaged.count,
        points,
        scaling: findScaling(points),
        operators: fitOperatorCosts(points),
      }
      console.log(JSON.stringify(figures, null, 2))
      return
    }
    const style = readCardStyle(process.stdout)
    const cards = points.map((point) => renderCard(point, style))
    const whole =
      points.length > 1 ? [renderProverComparison(points, style), renderRunCard(points, style)] : []
    console.log([...cards, ...whole.filter(Boolean)].join('\n\n'))
  },
})
