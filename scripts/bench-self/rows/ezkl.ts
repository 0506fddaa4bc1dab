import { PHASES, type Row } from '../../../src/row/schema.ts'
import type { Benchmark, Comparison } from '../benchmark.ts'
import { runBench } from '../vitest-run.ts'

/** Tracks whose quick points ezkl proves as well, in less than a minute each. */
const TRACKS = ['mlp', 'resnet']

/** The same models on both provers. They do not prove the same: docs/provers.md says what each hides. */
export const ezkl: Benchmark = {
  name: 'ezkl',
  what: 'embedded prover (Groth16, weights fixed in the circuit, input hidden)',
  against: 'ezkl (Halo2, weights fixed, input public)',
  async run(context) {
    const comparisons: Comparison[] = []
    for (const track of TRACKS) {
      const flags = ['--sweep', track, '--prover', 'ezkl', '--prover', 'gnark', '--interleave']
      const repeated = [
        '--iterations',
        context.quick ? '1' : '3',
        '--no-controls',
        '--budget',
        'time_s=+1000%',
      ]
      const { rows, command } = await runBench(context, [...flags, ...repeated], [0, 1, 2])
      const compare = (what: string, unit: 's' | 'MB', read: (side: 'a' | 'b') => number[]): Comparison => ({
        what: `${rows[0]!.point}, ${what}`,
        unit,
        ours: read('b'),
        other: read('a'),
        commands: { ours: command },
        by: 'ratio',
        limit: 1,
      })
      comparisons.push(
        ...PHASES.map((phase) =>
          compare(phase, 's', (side) => rowsOf(rows, side, phase).map(({ time_s }) => time_s!)),
        ),
        compare('prove, peak memory', 'MB', (side) =>
          rowsOf(rows, side, 'prove').map(({ mem_mb }) => mem_mb!),
        ),
      )
    }
    return comparisons
  },
}

const rowsOf = (rows: readonly Row[], own: 'a' | 'b', ownPhase: string) =>
  rows.filter(({ side, phase }) => side === own && phase === ownPhase)
