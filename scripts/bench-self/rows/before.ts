import type { Row } from '../../../src/row/schema.ts'
import type { Benchmark, Comparison } from '../benchmark.ts'
import { runBench } from '../vitest-run.ts'

const MOST = 1.03
const TRACKS = ['lenet', 'depth', 'breadth']
const RUNS = 3

/** The embedded prover beside an older build, on models that both prove: new gadgets must cost old models nothing. */
export const before: Benchmark = {
  name: 'before',
  what: 'embedded prover, compile to verify',
  against: 'its version before',
  findMissing: ({ before: program }) =>
    program ? undefined : '`--before PROGRAM` names an older build of src/prover/gnark',
  async run(context) {
    const comparisons: Comparison[] = []
    for (let run = 1; run <= (context.quick ? 1 : RUNS); run++) {
      for (const track of TRACKS) {
        const shared = [
          '--sweep',
          track,
          '--interleave',
          '--iterations',
          context.quick ? '4' : '8',
          '--no-controls',
        ]
        const provers = ['--prover', `gnark,bin=${context.before}`, '--prover', 'gnark']
        // A slower version ends the run with 1; its figures still count.
        const { rows } = await runBench(context, [...shared, ...provers], [0, 1])
        comparisons.push({
          what: `${track}, run ${run}, upper 95 % limit`,
          unit: 's',
          ours: iterationTimes(rows, 'b'),
          other: iterationTimes(rows, 'a'),
          commands: {
            ours: `npx vitest bench -- ${shared.join(' ')} --prover gnark,bin=BEFORE --prover gnark`,
          },
          by: 'upper ratio',
          limit: MOST,
        })
      }
    }
    return comparisons
  },
}

/** Seconds of one iteration of a track on one side: all phases of all points. */
function iterationTimes(rows: readonly Row[], side: 'a' | 'b'): number[] {
  const own = Map.groupBy(
    rows.filter((row) => row.side === side),
    ({ iteration }) => iteration,
  )
  return [...own.values()].map((iteration) => iteration.reduce((sum, { time_s }) => sum + time_s!, 0))
}
