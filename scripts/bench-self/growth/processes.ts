import { shareOfLauncher } from '../../measurement/sampler-cost.ts'
import type { Growth } from '../benchmark.ts'

const SIZES = [1, 10, 100, 1000]
const RUN_S = 10

export const processesGrowth: Growth = {
  name: 'processes',
  what: `CPU time of the launcher in ${RUN_S} s`,
  sizes: 'processes in the tree',
  async run({ quick }) {
    const steps = []
    for (const size of quick ? SIZES.slice(0, -1) : SIZES) {
      steps.push({ size, timeS: RUN_S * (await shareOfLauncher(size)) })
    }
    return steps
  },
}
