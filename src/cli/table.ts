import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import { writeWhole } from '../lib/whole-file.ts'
import { makePaperTable } from '../report/paper-table.ts'
import { TABLE_FORMATS, writeTable } from '../report/write-table.ts'
import { DamagedLines } from '../row/read.ts'
import { foldFiles } from '../row/fold-files.ts'
import { parseRunSelection } from '../row/runs.ts'
import { okCount } from '../row/series.ts'
import { COMMON, defineCommand, requireFiles } from './command.ts'

export default defineCommand({
  description: 'Prints the figures of results files as a table for a paper: LaTeX, Markdown or CSV',
  operands: {
    name: 'FILE…',
    description: 'JSONL files: npx provemark table --format latex benchmarking/*.jsonl',
  },
  options: z.object({
    format: z.enum(TABLE_FORMATS).default('markdown').describe('format of the table'),
    columns: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('figures, such as time_s@prove,mem_mb@prove,proof_size_bytes,ecc.totalCost')
      .meta({ commas: true }),
    output: COMMON.output.optional().describe('file to write; default: standard output'),
    run: COMMON.run,
  }),
  async run({ options: { format, columns, output, run }, operands: files }) {
    requireFiles(files, 'npx provemark table benchmarking/*.jsonl')
    const damaged = new DamagedLines(console.error)
    const reading = { run: parseRunSelection(run), pool: 'table', onProblem: damaged.onProblem } as const
    const fold = await foldFiles(files, reading)
    if (damaged.hasMarkers) throw damaged.refuse('the results hold both sides of a merge')
    if (damaged.count) console.error(damaged.describe())
    if (!fold.series.some((own) => okCount(own) > 0)) {
      throw new ProvemarkError('NO_ROWS', `no row of a phase that succeeded in ${files.join(', ')}`, {
        hint: run ? '--run all selects every run' : 'npx vitest bench writes rows to benchmarking/',
      })
    }
    const text = writeTable(makePaperTable(fold, columns), format)
    if (output === undefined) process.stdout.write(text)
    else writeWhole(output, text)
  },
})
