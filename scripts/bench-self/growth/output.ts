import { provemarkCommand, runMeasured } from '../processes.ts'
import type { Growth } from '../benchmark.ts'

export const outputGrowth: Growth = {
  name: 'output',
  what: 'a phase that prints: provemark measure --runs 1, the command included',
  counted: 'MB of output',
  sizes: [1, 10, 100, 1000],
  async measure(context, size) {
    const print = ['sh', '-c', `yes 'a line of a prover, as it might print it' | head -c ${size}000000`]
    return runMeasured(provemarkCommand(context, ['measure', '--runs', '1', '--warmup', '0', '--', ...print]))
  },
}
