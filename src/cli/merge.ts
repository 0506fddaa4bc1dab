import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { formatError, ProvemarkError } from '../errors.ts'
import { countOf } from '../lib/names.ts'
import { renderRunCard } from '../render/run-card.ts'
import { readCardStyle } from '../render/terminal.ts'
import { summarizeFiles } from '../row/summary.ts'
import { writeMerged } from '../row/merge.ts'
import { COMMON, defineCommand, requireFiles } from './command.ts'

export default defineCommand({
  description: 'Merges results files into one, each row once: the shards of a run, for example',
  operands: { name: 'FILE…', description: 'JSONL files: npx provemark merge shard-*.jsonl -o all.jsonl' },
  options: z.object({
    output: COMMON.output.describe('JSONL file to write').optional(),
    force: COMMON.force,
    allow_missing: z.boolean().default(false).describe('accept a missing shard or an unreadable line'),
  }),
  async run({ options, operands }) {
    const { files, output } = checkFiles(operands, options.output, options.force)
    const problems: string[] = []
    const { rows, repeated, runs, shardProblems } = await writeMerged(files, output, {
      onProblem: ({ file, line, error }) => problems.push(`${file}:${line}: ${formatError(error)}`),
    })
    const { points } = await summarizeFiles([output])
    console.log(renderRunCard(points, readCardStyle(process.stdout)))
    const others = repeated ? `, ${countOf(repeated, 'repeated one')} left out` : ''
    console.log(`\n${output}: ${countOf(rows, 'row')} of ${countOf(files.length, 'file')}${others}`)
    if (runs.size > 1) {
      const named = [...runs].map((run) => run ?? 'without an id').join(', ')
      console.error(
        `${runs.size} runs (${named}): summary and gate take the last, --run all takes them together`,
      )
    }
    problems.push(...shardProblems)
    for (const problem of problems) console.error(problem)
    if (problems.length && !options.allow_missing) process.exitCode = 2
  },
})

function checkFiles(files: readonly string[], output: string | undefined, force: boolean) {
  const hint = 'npx provemark merge shard-1.jsonl shard-2.jsonl -o all.jsonl'
  requireFiles(files, hint)
  if (!output)
    throw new ProvemarkError('CONFIG_INVALID', '--output: expected a file, given nothing', { hint })
  if (files.some((file) => resolve(file) === resolve(output))) {
    throw new ProvemarkError('CONFIG_INVALID', `--output: ${output} is one of the files to merge`, {
      hint: 'choose another output file',
    })
  }
  if (existsSync(output) && !force) {
    throw new ProvemarkError('FILE_EXISTS', `${output} already exists`, {
      hint: 'choose another file, or replace it with --force',
    })
  }
  return { files, output }
}
