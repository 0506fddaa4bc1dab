import { resolve } from 'node:path'
import { defineCommand } from 'citty'
import { formatError, ProvemarkError } from '../errors.ts'
import { exportRows } from '../report/export-rows.ts'
import { writeReport, type WrittenReport } from '../report/write-report.ts'
import type { RowProblem } from '../row/jsonl.ts'
import { parseRunSelection } from '../row/runs.ts'

const MAX_PROBLEMS_SHOWN = 10

export default defineCommand({
  meta: {
    name: 'report',
    description: 'Plots and tables of results files as one HTML page that needs no network',
  },
  args: {
    files: {
      type: 'positional',
      description: 'JSONL files: npx provemark report benchmarking/*.jsonl -o report.html',
      required: false,
    },
    output: { type: 'string', alias: 'o', description: 'HTML file to write', default: 'report.html' },
    baseline: { type: 'string', description: 'JSONL file to compare with' },
    run: { type: 'string', description: "the run to show: an id, or 'all'; default: the last of each file" },
    title: { type: 'string', description: 'title of the page', default: 'provemark report' },
    svg: { type: 'string', description: 'folder for each plot as an SVG file' },
    csv: { type: 'string', description: 'CSV file for all rows' },
    parquet: { type: 'string', description: 'Parquet file for all rows' },
  },
  async run({ args }) {
    const { _: files, output, baseline, svg, csv, parquet, title } = args
    if (files.length === 0) {
      throw new ProvemarkError('NO_ROWS', 'no results file was named', {
        hint: 'npx provemark report benchmarking/*.jsonl -o report.html',
      })
    }
    refuseInputs({ output, csv, parquet }, [...files, ...(baseline ? [baseline] : [])])
    let unreadable = 0
    const onProblem = (problem: RowProblem) => {
      if (++unreadable <= MAX_PROBLEMS_SHOWN) console.error(describeProblem(problem))
    }
    const run = parseRunSelection(args.run)
    const baselines = baseline ? { baseline: [baseline] } : {}
    const written = await writeReport({ files, output, title, run, ...baselines, onProblem })
    if (unreadable > 0)
      console.error(`${unreadable} unreadable ${unreadable === 1 ? 'line' : 'lines'} left out`)
    console.log(`${output}: ${describeReport(written)}`)
    for (const note of written.data.notes) console.error(note)
    for (const line of await exportRows(files, written.data, { svg, csv, parquet })) console.log(line)
  },
})

/** A slip of the hand shall not replace the rows themselves, nor one output the other. */
function refuseInputs(outputs: Record<string, string | undefined>, inputs: readonly string[]): void {
  const taken = new Map(inputs.map((input) => [resolve(input), 'one of the files to read']))
  for (const [flag, path] of Object.entries(outputs)) {
    if (path === undefined) continue
    const other = taken.get(resolve(path))
    if (other) {
      throw new ProvemarkError('CONFIG_INVALID', `--${flag}: ${path} is ${other}`, {
        hint: 'name another file to write',
      })
    }
    taken.set(resolve(path), `what --${flag} writes`)
  }
}

function describeReport({ rows, data: { points, run_count } }: WrittenReport): string {
  const notOk = points.now.reduce((sum, point) => sum + point.rows - point.ok, 0)
  const counts = [
    `${points.now.length} ${points.now.length === 1 ? 'point' : 'points'}`,
    `${rows} ${rows === 1 ? 'row' : 'rows'}`,
    `${run_count} ${run_count === 1 ? 'run' : 'runs'}`,
  ]
  return `${counts.join(', ')}${notOk ? `, ${notOk} ${notOk === 1 ? 'row' : 'rows'} not ok` : ''}`
}

function describeProblem({ file, line, error }: RowProblem): string {
  return `${file}:${line}: ${formatError(error)}`
}
