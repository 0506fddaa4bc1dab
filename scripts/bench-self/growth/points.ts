import { join } from 'node:path'
import type { Growth } from '../benchmark.ts'
import { runMeasured } from '../processes.ts'

const SIZES = [1, 10, 100, 1000]

export const pointsGrowth: Growth = {
  name: 'points',
  what: 'npx vitest bench -- --dry-run: a plan with every point of it',
  sizes: 'points',
  async run({ root, dir, quick }) {
    const steps = []
    for (const size of quick ? SIZES.slice(0, -1) : SIZES) {
      const sweep = ['--sweep', 'depth', '--depth-max', String(size), '--results', join(dir, 'rows.jsonl')]
      const args = ['vitest', 'bench', '--', ...sweep, '--dry-run', '--lock', 'off']
      steps.push({ size, ...(await runMeasured({ file: 'npx', args, cwd: root })) })
    }
    return steps
  },
}
