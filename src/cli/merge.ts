import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineCommand } from 'citty'
import { renderRunCard } from '../../reporters/run-card.ts'
import { readCardStyle } from '../../reporters/terminal.ts'
import { formatError, ProvemarkError } from '../errors.ts'
import { aggregateFiles } from '../row/aggregate-files.ts'
import { writeMerged } from '../row/write-merged.ts'

export default defineCommand({
  meta: {
    name: 'merge',
    description: 'One file of the rows of several, each row once: the shards of a run, for example',
  },
  args: {
    files: {
      type: 'positional',
      description: 'JSONL files: npx provemark merge shard-*.jsonl -o all.jsonl',
      required: false,
    },
    output: { type: 'string', alias: 'o', description: 'JSONL file to write' },
    force: { type: 'boolean', description: 'replace the output file if it is there' },
    'allow-missing': { type: 'boolean', description: 'let a missing shard or an unreadable line pass' },
  },
  async run({ args }) {
    const { files, output } = checkFiles(args._, args.output, args.force)
    const problems: string[] = []
    const { rows, repeated, runs, shardProblems } = await writeMerged(files, output, {
      onProblem: ({ file, line, error }) => problems.push(`${file}:${line}: ${formatError(error)}`),
    })
    const { points } = await aggregateFiles([output])
    console.log(renderRunCard(points, readCardStyle(process.stdout)))
    console.log(
      `\n${output}: ${rows} rows of ${files.length} ${files.length === 1 ? 'file' : 'files'}${repeated ? `, ${repeated} repeated ones left out` : ''}`,
    )
    if (runs.size > 1) {
      const named = [...runs].map((run) => run ?? 'without an id').join(', ')
      console.error(
        `${runs.size} runs (${named}): summary and gate take the last, --run all takes them together`,
      )
    }
    problems.push(...shardProblems)
    for (const problem of problems) console.error(problem)
    if (problems.length && !args['allow-missing']) process.exitCode = 2
  },
})

function checkFiles(files: readonly string[], output: string | undefined, force: boolean | undefined) {
  const hint = 'npx provemark merge shard-1.jsonl shard-2.jsonl -o all.jsonl'
  if (!files.length) throw new ProvemarkError('NO_ROWS', 'no results file was named', { hint })
  if (!output)
    throw new ProvemarkError('CONFIG_INVALID', '--output: expected a file, given nothing', { hint })
  if (files.some((file) => resolve(file) === resolve(output))) {
    throw new ProvemarkError('CONFIG_INVALID', `--output: ${output} is one of the files to merge`, {
      hint: 'name another file for the whole',
    })
  }
  if (existsSync(output) && !force) {
    throw new ProvemarkError('FILE_EXISTS', `${output} is there already`, {
      hint: 'name another file, or give --force to replace it',
    })
  }
  return { files, output }
}
