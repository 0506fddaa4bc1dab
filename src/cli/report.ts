import { resolve } from 'node:path'
import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import { countOf } from '../lib/names.ts'
import { exportRows } from '../report/export-rows.ts'
import { writeReport, type WrittenReport } from '../report/write-report.ts'
import { DamagedLines } from '../row/read.ts'
import { parseRunSelection } from '../row/runs.ts'
import { COMMON, defineCommand, requireFiles } from './command.ts'

export default defineCommand({
  description: 'Writes plots and tables of results files as one HTML page that works offline',
  operands: {
    name: 'FILE…',
    description: 'JSONL files: npx provemark report benchmarking/*.jsonl -o report.html',
  },
  options: z.object({
    output: COMMON.output.describe('HTML file to write').default('report.html'),
    baseline: z.string().optional().describe('JSONL file to compare with'),
    run: COMMON.run,
    title: z.string().default('provemark report').describe('title of the page'),
    svg: z.string().optional().describe('folder for plots as SVG files'),
    plots: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe("plots to write as SVG files, by name; 'all', or 'list' to print the names")
      .meta({ commas: true }),
    svg_width: z
      .number()
      .min(100)
      .max(10_000)
      .optional()
      .describe('width of the plots, pixels; default: 560'),
    svg_height: z
      .number()
      .min(100)
      .max(10_000)
      .optional()
      .describe('height of the plots, pixels; default: what each plot needs'),
    svg_font_size: z
      .number()
      .min(4)
      .max(72)
      .optional()
      .describe('font size in the plots, pixels; lines and symbols scale with it; default: 11'),
    svg_scale: z
      .enum(['log', 'linear'])
      .optional()
      .describe('scales of the plots over a parameter; default: log'),
    svg_title: z.boolean().optional().describe('show the title in the picture; default: true'),
    svg_legend: z.boolean().optional().describe('show the legend in the picture; default: true'),
    csv: z.string().optional().describe('CSV file for all rows'),
    parquet: z.string().optional().describe('Parquet file for all rows'),
  }),
  check: ({ svg, plots, ...options }) =>
    [
      ...Object.entries(options).flatMap(([key, value]) =>
        key.startsWith('svg_') && value !== undefined ? [`--${key.replaceAll('_', '-')}`] : [],
      ),
      ...(plots && !plots.includes('list') ? ['--plots'] : []),
    ].flatMap((where) => (svg === undefined ? [{ where, expected: '--svg DIR with it' }] : [])),
  async run({ options, operands: files }) {
    const { output, baseline, svg, csv, parquet, title, plots } = options
    requireFiles(files, 'npx provemark report benchmarking/*.jsonl -o report.html')
    refuseInputs({ output, csv, parquet }, [...files, ...(baseline ? [baseline] : [])])
    const damaged = new DamagedLines(console.error)
    const { onProblem } = damaged
    const selection = parseRunSelection(options.run)
    const written = await writeReport({ files, output, title, run: selection, baseline, onProblem })
    if (damaged.count) console.error(damaged.describe())
    // Figures pooled from both sides of a merge describe neither side.
    if (damaged.hasMarkers) process.exitCode = 2
    console.log(`${output}: ${describeReport(written)}`)
    for (const note of written.data.notes) console.error(note)
    if (plots?.includes('list')) {
      const { listDrawings } = await import('../report/write-svgs.ts')
      for (const name of listDrawings(written.data).keys()) console.log(name)
      return
    }
    const { svg_width: width, svg_height: height, svg_font_size: fontSize, svg_scale: scale } = options
    const { svg_title: hasTitle, svg_legend: legend } = options
    const drawing = { plots, width, height, fontSize, scale, title: hasTitle, legend }
    for (const line of await exportRows(files, written.data, { svg, drawing, csv, parquet }))
      console.log(line)
  },
})

/** A mistyped path must not overwrite the rows, or one output with another. */
function refuseInputs(outputs: Record<string, string | undefined>, inputs: readonly string[]): void {
  const taken = new Map(inputs.map((input) => [resolve(input), 'one of the files to read']))
  for (const [flag, path] of Object.entries(outputs)) {
    if (path === undefined) continue
    const other = taken.get(resolve(path))
    if (other) {
      throw new ProvemarkError('CONFIG_INVALID', `--${flag}: ${path} is ${other}`, {
        hint: 'choose another output file',
      })
    }
    taken.set(resolve(path), `what --${flag} writes`)
  }
}

function describeReport({ rows, data: { points, run_count } }: WrittenReport): string {
  const notOk = points.now.reduce((sum, point) => sum + point.rows - point.ok, 0)
  const counts = [countOf(points.now.length, 'point'), countOf(rows, 'row'), countOf(run_count, 'run')]
  return `${counts.join(', ')}${notOk ? `, ${countOf(notOk, 'row')} not ok` : ''}`
}
