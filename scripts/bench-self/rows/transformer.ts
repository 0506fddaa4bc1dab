import type { Phase, Row } from '../../../src/row/schema.ts'
import type { Benchmark, Comparison } from '../benchmark.ts'
import { runBench } from '../vitest-run.ts'

const SECONDS: readonly (readonly [Phase, number])[] = [
  ['compile', 60],
  ['prove', 25],
]
const MOST_MB = 4000

/** The workload that zkML provers are compared by: 4 layers, 4 heads, width 64, 64 tokens, 65 words. */
export const transformer: Benchmark = {
  name: 'transformer',
  what: "embedded prover, a transformer of nanoGPT's shape",
  against: '—',
  async run(context) {
    const flags = ['--sweep', 'transformer', '--size', context.quick ? 'micro' : 'nano', '--no-controls']
    const iterations = ['--iterations', context.quick ? '1' : 'compile=1,witness=3,prove=3,verify=3']
    const { rows, command } = await runBench(context, [...flags, ...iterations])
    const absolute = (what: string, unit: 's' | 'MB', ours: number[], limit: number): Comparison => ({
      what,
      unit,
      ours,
      commands: { ours: command },
      by: 'absolute',
      limit,
    })
    return [
      ...SECONDS.map(([phase, limit]) => absolute(phase, 's', timesOf(rows, phase), limit)),
      absolute('peak memory of any phase', 'MB', [Math.max(...rows.map(({ mem_mb }) => mem_mb!))], MOST_MB),
    ]
  },
}

const timesOf = (rows: readonly Row[], own: Phase) =>
  rows.filter(({ phase }) => phase === own).map(({ time_s }) => time_s!)
