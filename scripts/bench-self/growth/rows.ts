import { join } from 'node:path'
import type { Growth } from '../benchmark.ts'
import { writeRows } from '../many-rows.ts'
import { provemarkCommand, runMeasured } from '../processes.ts'

const SIZES = [1000, 10_000, 100_000, 1_000_000]

export const rowsGrowth: Growth = {
  name: 'rows',
  what: 'provemark summary',
  sizes: 'rows',
  async run(context) {
    const steps = []
    for (const size of context.quick ? SIZES.slice(0, -1) : SIZES) {
      const file = join(context.dir, 'rows.jsonl')
      await writeRows(file, size)
      const command = provemarkCommand(context, ['summary', '--json', '--run', 'all', file])
      steps.push({ size, ...(await runMeasured(command)) })
    }
    return steps
  },
}
