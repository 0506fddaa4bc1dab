import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import { judge } from '../gate/judge.ts'
import { readSeries, withDamage } from '../gate/judge-files.ts'
import { readBudgets } from '../gate/options.ts'
import { budgetsOfComparison, splitSides } from '../gate/pair.ts'
import { DamagedLines } from '../row/read.ts'
import type { Series } from '../row/series.ts'
import { COMMON, defineCommand, readCall } from './command.ts'
import { compareLive } from './compare-live.ts'
import { checkBudgets, gateCommandSchema, publish } from './gate.ts'

/** The arguments of `compare` when it runs nothing. */
const asCommand = defineCommand({
  description: '',
  operands: { name: 'FILE…', description: 'results files' },
  options: gateCommandSchema,
  readsEnvironment: true,
  check: checkBudgets,
  run() {},
})

/** Judges the last run of the second file against that of the first, or the two sides within one file. */
export async function compareFiles(rawArgs: readonly string[]): Promise<void> {
  const { options: command, operands: files } = readCall(asCommand, rawArgs)
  const { budgets: given } = readBudgets(command.budgets)
  const damaged = new DamagedLines(console.error)
  const { a, b, sides } = await readSides(files, damaged)
  if (damaged.hasMarkers) throw damaged.refuse('the results hold both sides of a merge')
  const budgets = budgetsOfComparison(given, [...a, ...b])
  const report = judge({ now: b, base: a, budgets, rules: command, sides })
  publish(withDamage(report, damaged), sides ? [...a, ...b] : b, command, { all: true, sides: true })
}

async function readSides(
  files: readonly string[],
  { onProblem }: DamagedLines,
): Promise<{ a: Series[]; b: Series[]; sides: boolean }> {
  const [a = [], b = []] = await Promise.all(files.map((file) => readSeries(file, 'last', onProblem)))
  if (files.length === 2 && a.length && b.length) return { a, b, sides: false }
  const own = splitSides(a)
  if (files.length === 1 && own.a.length && own.b.length) return { ...own, sides: true }
  const empty = files.filter((_, i) => (i === 0 ? a : b).length === 0)
  throw new ProvemarkError('NO_ROWS', explain(files, empty), {
    hint: "npx provemark compare a.jsonl b.jsonl, or --a 'SPEC' --b 'SPEC' to run two provers in turns",
  })
}

function explain(files: readonly string[], empty: readonly string[]): string {
  if (files.length > 2) return `two sides are compared, and ${files.length} files were named`
  if (empty.length) return `no row in ${empty.join(', ')}`
  return files.length
    ? `${files[0]} does not hold the two sides of a comparison`
    : 'nothing was named to compare'
}

const side = z.string().optional()

export default defineCommand({
  description:
    'Compares two provers, versions or settings: runs them here in turns, or reads two results files',
  operands: {
    name: 'FILE…',
    description: 'a.jsonl b.jsonl, or one file of an earlier comparison; with --a and --b, the tracks to run',
  },
  options: z.object({
    a: side.describe('first side: NAME[,bin=PATH][,KEY=VALUE][,ref=GIT_REF]'),
    b: side.describe('second side, judged against the first'),
    build: z.string().optional().describe('command that builds a side in a checkout of its ref'),
    config: COMMON.config,
    until_decided: z
      .string()
      .optional()
      .describe('keep measuring until every budget is decided, for at most this long: 10m'),
  }),
  handsOn: gateCommandSchema.omit({ baseline: true, allow_missing: true }),
  async run({ options: { a, b, build, config, until_decided: untilDecided }, operands, rest }) {
    if (a === undefined && b === undefined) return compareFiles([...operands, ...rest])
    if (!a || !b) {
      throw new ProvemarkError('CONFIG_INVALID', `--${a ? 'b' : 'a'} is missing: two sides are compared`, {
        hint: "npx provemark compare --a 'gnark' --b 'gnark,threads=1' --sweep lenet",
      })
    }
    const tracks = [...operands, ...(config === undefined ? [] : ['--config', config])]
    await compareLive({ a, b, build, untilDecided, tracks, flags: rest })
  },
})
