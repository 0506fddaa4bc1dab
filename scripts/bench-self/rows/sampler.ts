import { shareOfMonitor, shareOfPsutil } from '../../measurement/sampler-cost.ts'
import type { Benchmark } from '../benchmark.ts'
import { takeTurns } from '../processes.ts'

const PROCESSES = 20
const MOST = 1 / 5
const RUN_S = 10

/** Cost of sampling a tree while a phase runs: the CPU time of the monitor, and that of the other sampler. */
export const sampler: Benchmark = {
  name: 'sampler',
  what: `sampling of a tree of ${PROCESSES} processes at 20 ms`,
  against: 'a psutil sampler like that of `jst bench`',
  async run({ quick }) {
    const secondsOfTen = async (share: Promise<number>) => RUN_S * (await share)
    const samples = await takeTurns(
      quick ? 1 : 5,
      () => secondsOfTen(shareOfMonitor(PROCESSES)),
      () => secondsOfTen(shareOfPsutil(PROCESSES)),
    )
    return [
      {
        what: `CPU time of the sampler in ${RUN_S} s`,
        unit: 's',
        ...samples,
        commands: { ours: 'the monitor', other: 'python psutil_sampler.py COMMAND' },
        by: 'ratio',
        limit: MOST,
      },
    ]
  },
}
