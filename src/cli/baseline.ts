import { existsSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { glob } from 'tinyglobby'
import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import { BaselineRows, updateBaseline } from '../gate/baseline-rows.ts'
import { DEFAULT_BASELINE } from '../gate/baseline.ts'
import { refuseTwice } from '../gate/collect.ts'
import { compareNaturally } from '../lib/natural-order.ts'
import { writeWhole } from '../lib/whole-file.ts'
import { startSeries } from '../row/series.ts'
import { formatRow } from '../row/append.ts'
import { DamagedLines } from '../row/damaged-lines.ts'
import { benchKey, seriesKey } from '../row/identity.ts'
import { readRows } from '../row/read.ts'
import { parseRunSelection, readRunBatches } from '../row/runs.ts'
import type { Row } from '../row/schema.ts'
import { type CommandGroup, COMMON, defineCommand } from './command.ts'

const update = defineCommand({
  description: 'Writes a baseline of the last run of results files, by default of all in benchmarking/',
  operands: {
    name: 'FILE…',
    description: 'JSONL files: npx provemark baseline update benchmarking/depth_sweep.jsonl',
  },
  options: z.object({
    output: COMMON.output.describe('file of the baseline').default(DEFAULT_BASELINE),
    run: COMMON.run,
    prune: z.boolean().default(false).describe('drop lines of the baseline that these runs did not measure'),
  }),
  async run({ options, operands }) {
    const out = resolve(options.output)
    const named = operands.length ? operands : await glob('benchmarking/*.jsonl')
    const files = named.filter((file) => resolve(file) !== out).toSorted(compareNaturally)
    const damaged = new DamagedLines()
    const { onProblem } = damaged
    const baseline = new BaselineRows()
    for await (const rows of readRunBatches(files, parseRunSelection(options.run), { onProblem })) {
      for (const row of rows) baseline.add(row)
    }
    if (damaged.count) throw damaged.refuse('no baseline is made of damaged results')
    const newer = baseline.list()
    if (!newer.length) {
      throw new ProvemarkError(
        'NO_ROWS',
        `no phase that succeeded in ${files.join(', ') || 'benchmarking/'}`,
        {
          hint: 'npx vitest bench writes rows to benchmarking/; name one of your results files',
        },
      )
    }
    const older = existsSync(out) && !options.prune ? await readOlder(out, newer) : []
    const all = updateBaseline(older, newer)
    writeWhole(out, all.map(formatRow).join(''))
    const kept = all.length - newer.length
    console.log(
      `${relative('.', out)}: ${newer.length} ${newer.length === 1 ? 'phase' : 'phases'} written` +
        (kept ? `, ${kept} that were not measured again kept (--prune drops them)` : ''),
    )
  },
})

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
  const measured = new Set(newer.map(seriesKey))
  const kept = older.filter((row) => !measured.has(seriesKey(row)))
  const byKey = Map.groupBy(kept, (row) => `${seriesKey(row)} ${benchKey(row)}`)
  const twice = [...byKey.values()].filter(({ length }) => length > 1).map(([row]) => startSeries(row!))
  if (twice.length) throw refuseTwice(relative('.', out), twice)
  if (damaged.markers) {
    const lines = damaged.first.map(({ line }) => line).join(', ')
    console.error(`${relative('.', out)}: git's conflict markers dropped (lines ${lines})`)
  }
  return older
}

const baseline: CommandGroup = {
  description: 'Baselines for the gate',
  commands: { update: async () => update },
}
export default baseline
