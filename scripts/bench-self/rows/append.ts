import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeSweepRows } from '../../../fixtures/sweep-rows.ts'
import type { Benchmark } from '../benchmark.ts'
import { takeTurns, timeMs } from '../processes.ts'
import { appendRow } from '../../../src/row/write.ts'

const MOST = 2

/** One row, validated and safe after a torn line, against Node's bare call for the same bytes. */
export const append: Benchmark = {
  name: 'append',
  what: 'append of a row',
  against: 'fs.appendFile',
  async run({ dir, quick }) {
    const rows = [...makeSweepRows({ runs: quick ? 1 : 5 })]
    const [own, plain] = [join(dir, 'own.jsonl'), join(dir, 'plain.jsonl')]
    const samples = await takeTurns(
      20,
      async () => (await timeMs(() => rows.forEach((row) => appendRow(own, row)))) / rows.length,
      async () => {
        const ms = await timeMs(async () => {
          for (const row of rows) await appendFile(plain, `${JSON.stringify(row)}\n`)
        })
        return ms / rows.length
      },
    )
    return [
      {
        what: `mean of ${rows.length} rows`,
        unit: 'ms',
        ...samples,
        commands: { ours: 'appendRow(file, row)', other: 'await fs.appendFile(file, JSON.stringify(row))' },
        by: 'ratio',
        limit: MOST,
      },
    ]
  },
}
