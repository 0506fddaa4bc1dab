import { join } from 'node:path'
import type { Growth } from '../benchmark.ts'
import { writeRows } from '../many-rows.ts'
import { provemarkCommand, runMeasured } from '../processes.ts'

export const rowsGrowth: Growth = {
  name: 'rows',
  what: 'provemark summary',
  counted: 'rows',
  sizes: [1000, 10_000, 100_000, 1_000_000],
  async measure(context, size) {
    const file = join(context.dir, 'rows.jsonl')
    await writeRows(file, size)
    return runMeasured(provemarkCommand(context, ['summary', '--json', '--run', 'all', file]))
  },
}
