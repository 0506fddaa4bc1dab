import { copyFile, link, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Growth } from '../benchmark.ts'
import { runMeasured } from '../processes.ts'
import { benchArgs, writeTrivialProver } from '../vitest-run.ts'

export const pointsGrowth: Growth = {
  name: 'points',
  what: 'npx vitest bench: four phases of a trivial command for each point',
  counted: 'points',
  sizes: [1, 10, 100, 1000],
  async measure({ root, dir }, size) {
    const prover = await writeTrivialProver(root, dir)
    const own = join(dir, String(size))
    await mkdir(own)
    await copyFile(join(root, 'fixtures/lenet.onnx'), join(own, '0.onnx'))
    for (let i = 1; i < size; i++) await link(join(own, '0.onnx'), join(own, `${i}.onnx`))
    const points = ['--sweep', 'models', '--model', join(own, '*.onnx')]
    const flags = [...points, '--prover', prover, '--iterations', '1', '--no-controls']
    return runMeasured({ file: 'npx', args: benchArgs(own, flags), cwd: root })
  },
}
