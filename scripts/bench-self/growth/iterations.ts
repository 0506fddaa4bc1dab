import { join } from 'node:path'
import type { Growth } from '../benchmark.ts'
import { runMeasured } from '../processes.ts'
import { benchArgs, writeTrivialProver } from '../vitest-run.ts'

export const iterationsGrowth: Growth = {
  name: 'iterations',
  what: 'npx vitest bench: many iterations of one phase of a trivial command',
  counted: 'iterations',
  sizes: [10, 100, 1000, 10_000],
  async measure({ root, dir }, size) {
    const prover = await writeTrivialProver(root, dir)
    const iterations = ['--iterations', `prove=${size},witness=1,verify=1`]
    const flags = ['--points', 'lenet', '--prover', prover, ...iterations, '--no-controls']
    return runMeasured({ file: 'npx', args: benchArgs(join(dir, String(size)), flags), cwd: root })
  },
}
