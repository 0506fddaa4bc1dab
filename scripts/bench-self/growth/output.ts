import { execPath } from 'node:process'
import { join } from 'node:path'
import { runMeasured } from '../processes.ts'
import type { Growth } from '../benchmark.ts'

const SIZES_MB = [1, 10, 100, 1000]

export const outputGrowth: Growth = {
  name: 'output',
  what: 'a phase that prints: provemark measure --runs 1, the command included',
  sizes: 'MB of output',
  async run({ root, dir, quick }) {
    const steps = []
    for (const size of quick ? SIZES_MB.slice(0, -1) : SIZES_MB) {
      const print = ['sh', '-c', `yes 'a line of a prover, as it might print it' | head -c ${size}000000`]
      const args = [join(root, 'dist/cli.js'), 'measure', '--runs', '1', '--warmup', '0', '--', ...print]
      steps.push({ size, ...(await runMeasured({ file: execPath, args, cwd: dir })) })
    }
    return steps
  },
}
