import { join } from 'node:path'
import type { Growth } from '../benchmark.ts'
import { runMeasured } from '../processes.ts'
import { writeTrivialProver } from '../vitest-run.ts'

const SIZES = [10, 100, 1000, 10_000]

export const repetitionsGrowth: Growth = {
  name: 'repetitions',
  what: 'npx vitest bench: one phase of a trivial command again and again',
  sizes: 'repetitions',
  async run({ root, dir, quick }) {
    const prover = await writeTrivialProver(root, dir)
    const steps = []
    for (const size of quick ? SIZES.slice(0, -1) : SIZES) {
      const own = join(dir, String(size))
      const folders = ['--results', join(own, 'rows.jsonl'), '--onnx-dir', own, '--inputs-dir', own]
      const flags = ['--iterations', `prove=${size},witness=1,verify=1`, '--no-controls', '--lock', 'off']
      const args = ['vitest', 'bench', '--', '--points', 'lenet', '--prover', prover, ...flags, ...folders]
      const work = ['--work-dir', join(own, 'work')]
      steps.push({ size, ...(await runMeasured({ file: 'npx', args: [...args, ...work], cwd: root })) })
    }
    return steps
  },
}
