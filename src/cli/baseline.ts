import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { glob } from 'tinyglobby'
import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import { BaselineRows, updateBaseline } from '../gate/baseline-rows.ts'
import { DEFAULT_BASELINE } from '../gate/git-baseline.ts'
import { tellProblems } from '../gate/read.ts'
import { formatRow, readRows } from '../row/jsonl.ts'
import { parseRunSelection } from '../row/runs.ts'
import { readRunBatches } from '../row/select-runs.ts'
import { defineCommand, type CommandGroup } from './command.ts'
import { COMMON } from './common-options.ts'

const update = defineCommand({
  description: 'Writes a baseline of the last run of results files, by default of all in benchmarking/',
  operands: {
    name: 'FILE…',
    description: 'JSONL files: npx provemark baseline update benchmarking/depth_sweep.jsonl',
  },
  options: z.object({
    output: COMMON.output.describe('file of the baseline').default(DEFAULT_BASELINE),
    run: COMMON.run,
    prune: z.boolean().default(false).describe('drop what the baseline has and these runs did not measure'),
  }),
  async run({ options, operands }) {
    const out = resolve(options.output)
    const named = operands.length ? operands : await glob('benchmarking/*.jsonl')
    const files = named.filter((file) => resolve(file) !== out).toSorted()
    const onProblem = tellProblems(console.error)
    const baseline = new BaselineRows()
    for await (const rows of readRunBatches(files, parseRunSelection(options.run), { onProblem })) {
      for (const row of rows) baseline.add(row)
    }
    const newer = baseline.list()
    if (!newer.length) {
      throw new ProvemarkError(
        'NO_ROWS',
        `no phase that ended well in ${files.join(', ') || 'benchmarking/'}`,
        {
          hint: 'npx vitest bench writes rows to benchmarking/; name a results file of yours',
        },
      )
    }
    const older = existsSync(out) && !options.prune ? await Array.fromAsync(readRows(out, { onProblem })) : []
    const all = updateBaseline(older, newer)
    replaceFile(out, all.map(formatRow).join(''))
    const kept = all.length - newer.length
    console.log(
      `${relative('.', out)}: ${newer.length} ${newer.length === 1 ? 'phase' : 'phases'} written` +
        (kept ? `, ${kept} that were not measured again kept (--prune drops them)` : ''),
    )
  },
})

/** A baseline is whole or it is the old one. */
function replaceFile(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  } catch (cause) {
    throw new ProvemarkError('FILE_UNWRITABLE', `cannot write ${path}: ${(cause as Error).message}`, {
      cause,
      hint: 'see that its folder can be written, or name another file with --output',
    })
  }
}

const baseline: CommandGroup = {
  description: 'Baselines for the gate',
  commands: { update: async () => update },
}
export default baseline
