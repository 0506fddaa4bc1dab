import { shareOfMonitor } from '../../measurement/sampler-cost.ts'
import type { Growth } from '../benchmark.ts'

const RUN_S = 10

export const processesGrowth: Growth = {
  name: 'processes',
  what: `CPU time of the monitor in ${RUN_S} s`,
  counted: 'processes in the tree',
  sizes: [1, 10, 100, 1000],
  async measure(_, size) {
    return { timeS: RUN_S * (await shareOfMonitor(size)) }
  },
}
