import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import { BaselineRows, findForks, updateBaseline } from '../gate/baseline-rows.ts'
import { DEFAULT_BASELINE, refuseTwice } from '../gate/baseline.ts'
import { describeCheck } from '../gate/format.ts'
import { judge } from '../gate/judge.ts'
import { budgetsOfComparison } from '../gate/pair.ts'
import { gateSchema } from '../gate/options.ts'
import { compareNaturally, countOf } from '../lib/names.ts'
import { matchFiles } from '../lib/files.ts'
import { writeWhole } from '../lib/whole-file.ts'
import { isDisturbed } from '../row/disturbance.ts'
import { isMachineBound } from '../row/metrics.ts'
import { foldRows, shareOfOthers } from '../row/series.ts'
import { formatRow } from '../row/write.ts'
import { DamagedLines, readRows } from '../row/read.ts'
import { seriesKey } from '../row/identity.ts'
import { parseRunSelection, readRunBatches } from '../row/runs.ts'
import type { Row } from '../row/schema.ts'
import { type CommandGroup, COMMON, defineCommand } from './command.ts'

const update = defineCommand({
  description: 'Adds the last run of each results file to the baseline; default: all files in benchmarking/',
  operands: {
    name: 'FILE…',
    description: 'JSONL files: npx provemark baseline update benchmarking/depth_sweep.jsonl',
  },
  options: z.object({
    output: COMMON.output.describe('file of the baseline').default(DEFAULT_BASELINE),
    run: COMMON.run,
    accept: z
      .boolean()
      .default(false)
      .describe('add a run although others disturbed it or it is slower than the baseline'),
    replace: z
      .boolean()
      .default(false)
      .describe('drop the older runs of what was measured, after an intended change'),
    prune: z.boolean().default(false).describe('drop lines of the baseline that this run did not measure'),
  }),
  async run({ options, operands }) {
    const out = resolve(options.output)
    const named = operands.length ? operands : matchFiles('benchmarking/*.jsonl', process.cwd())
    const files = named.filter((file) => resolve(file) !== out).toSorted(compareNaturally)
    const damaged = new DamagedLines()
    const baseline = new BaselineRows()
    for await (const rows of readRunBatches(files, parseRunSelection(options.run), damaged)) {
      for (const row of rows) baseline.add(row)
    }
    if (damaged.count) throw damaged.refuse('no baseline is made of damaged results')
    const newer = baseline.list()
    if (!newer.length) {
      const where = files.join(', ') || 'benchmarking/'
      throw new ProvemarkError('NO_ROWS', `no phase that succeeded in ${where}`, {
        hint: 'npx vitest bench writes rows to benchmarking/; name one of your results files',
      })
    }
    const older = existsSync(out) && !options.prune ? await readOlder(out, newer) : []
    if (!options.accept && !options.replace) refuseDoubtful(older, newer)
    const all = updateBaseline(older, newer, options)
    writeWhole(out, all.map(formatRow).join(''))
    const bySeries = Map.groupBy(all, seriesKey)
    const kept = bySeries.size - new Set(newer.map(seriesKey)).size
    const runs = Math.max(...Array.from(bySeries.values(), ({ length }) => length))
    const others = kept ? `; ${kept} that were not measured again kept (--prune drops them)` : ''
    console.log(
      `${relative('.', out)}: ${countOf(newer.length, 'phase')} written, ${countOf(runs, 'run')}${others}`,
    )
  },
})

/**
 * A baseline must only move to where the prover really is. A change of an exact figure shows in its diff; a change of a
 * time does not.
 * @throws ProvemarkError BASELINE_DOUBTFUL
 */
function refuseDoubtful(older: readonly Row[], newer: readonly Row[]): void {
  const now = foldRows(newer, 'runs').series
  const disturbed = now.filter((series) => isDisturbed({ disturbed: shareOfOthers(series) }))
  const base = foldRows(older, 'runs').series
  const budgets = budgetsOfComparison([], now).filter(({ metric }) => isMachineBound(metric))
  const rules = gateSchema.parse({})
  const slower = base.length
    ? judge({ now, base, budgets, rules }).checks.filter(
        ({ verdict, limit }) => verdict === 'regression' && limit,
      )
    : []
  const problems = [
    ...disturbed.map(({ point, phase }) => `others disturbed ${phase} of ${point}`),
    ...slower.map(describeCheck),
  ]
  if (!problems.length) return
  throw new ProvemarkError('BASELINE_DOUBTFUL', `nothing was written\n  ${problems.join('\n  ')}`, {
    hint: 'measure again; if the change is intended, --replace starts over from this run; --accept adds the run anyway',
  })
}

/**
 * The rows of the existing baseline. Git's conflict markers may stay if everything that both sides hold was measured
 * again; otherwise it is unclear which side counts.
 * @throws ProvemarkError ROWS_UNREADABLE, ROWS_CONFLICT
 */
async function readOlder(out: string, newer: readonly Row[]): Promise<Row[]> {
  const damaged = new DamagedLines()
  const older = await Array.fromAsync(readRows(out, damaged))
  if (damaged.count > damaged.markers) {
    const refused = damaged.refuse(`${relative('.', out)} is damaged, and nothing was written`)
    throw new ProvemarkError(refused.code, refused.message, { hint: 'fix it, or rewrite it with --prune' })
  }
  const forked = new Set(findForks(foldRows(older, 'runs').series).map(({ first }) => seriesKey(first)))
  // Both sides of a merge without the run that each was added after: new measurements replace them.
  const twice = older.filter((row) => forked.has(seriesKey(row)))
  const measured = new Set(newer.map(seriesKey))
  const unmeasured = twice.filter((row) => !measured.has(seriesKey(row)))
  if (unmeasured.length) throw refuseTwice(relative('.', out), foldRows(unmeasured, 'variants').series)
  if (twice.length)
    console.error(`${relative('.', out)}: two histories were merged, and both give way to this run`)
  if (damaged.markers) {
    const lines = damaged.first.map(({ line }) => line).join(', ')
    console.error(`${relative('.', out)}: git's conflict markers dropped (lines ${lines})`)
  }
  return older.filter((row) => !forked.has(seriesKey(row)))
}

const baseline: CommandGroup = {
  description: "Updates the gate's baseline",
  commands: { update: async () => update },
}
export default baseline
