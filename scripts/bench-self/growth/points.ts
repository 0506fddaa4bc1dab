import { copyFile, link, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Growth } from '../benchmark.ts'
import { runMeasured } from '../processes.ts'
import { writeTrivialProver } from '../vitest-run.ts'

const SIZES = [1, 10, 100, 1000]

export const pointsGrowth: Growth = {
  name: 'points',
  what: 'npx vitest bench: four phases of a trivial command for each point',
  sizes: 'points',
  async run({ root, dir, quick }) {
    const prover = await writeTrivialProver(root, dir)
    const model = join(dir, 'lenet.onnx')
    await copyFile(join(root, 'fixtures/lenet.onnx'), model)
    const steps = []
    for (const size of quick ? SIZES.slice(0, -1) : SIZES) {
      const own = join(dir, String(size))
      await mkdir(own)
      for (let i = 0; i < size; i++) await link(model, join(own, `${i}.onnx`))
      const folders = [
        '--results',
        join(own, 'rows.jsonl'),
        '--inputs-dir',
        own,
        '--work-dir',
        join(own, 'work'),
      ]
      const args = ['vitest', 'bench', 'models', '--', '--model', join(own, '*.onnx'), '--prover', prover]
      const flags = ['--iterations', '1', '--no-controls', '--lock', 'off']
      steps.push({
        size,
        ...(await runMeasured({ file: 'npx', args: [...args, ...flags, ...folders], cwd: root })),
      })
    }
    return steps
  },
}
