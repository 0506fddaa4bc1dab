import { ProvemarkError } from '../errors.ts'
import { readBudgets } from '../gate/budget.ts'
import { budgetsOfComparison, splitSides } from '../gate/comparison.ts'
import { judge } from '../gate/judge.ts'
import { withDamage } from '../gate/judge-files.ts'
import { readSeries } from '../gate/read.ts'
import type { Series } from '../gate/series.ts'
import { DamagedLines } from '../row/damaged-lines.ts'
import { defineCommand } from './command.ts'
import { checkBudgets, gateCommandSchema } from './gate-options.ts'
import { publish } from './publish-gate.ts'
import { readCall } from './read-call.ts'

/** What `compare` takes where it runs nothing. */
const asCommand = defineCommand({
  description: '',
  operands: { name: 'FILE…', description: 'results files' },
  options: gateCommandSchema,
  readsEnvironment: true,
  check: checkBudgets,
  run() {},
})

/** Judges the last run of the second file against that of the first, or the two sides that one file holds. */
export async function compareFiles(rawArgs: readonly string[]): Promise<void> {
  const { options: command, operands: files } = readCall(asCommand, rawArgs)
  const { budgets: given } = readBudgets(command.budgets)
  const damaged = new DamagedLines(console.error)
  const { a, b, sides } = await readSides(files, damaged)
  if (damaged.hasMarkers) throw damaged.refuse('the results hold both sides of a merge')
  const budgets = budgetsOfComparison(given, [...a, ...b])
  const report = judge({ now: b, base: a, budgets, rules: command, seed: command.seed, sides })
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
