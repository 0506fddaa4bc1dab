import type { Row } from '../../../src/row/schema.ts'
import { estimateMedianInterval, relativeHalfWidth } from '../../../src/row/statistics/median-interval.ts'
import type { Benchmark, Context } from '../benchmark.ts'
import { runBench, spawnedMs } from '../vitest-run.ts'

const MOST = 1 / 3

/** n proves for each point: with one compile and witness, and as the reference plans it, every phase n times. */
export const sweep: Benchmark = {
  name: 'sweep',
  what: 'depth sweep of the embedded prover, n proves for each point, one compile',
  against: "the reference's plan: every phase again in each iteration",
  async run(context) {
    const n = 10
    const depths = context.quick ? 1 : 3
    const samples = await takeTurnsOnce(
      () => runSweep(context, depths, `compile=1,witness=1,prove=${n},verify=${n}`),
      () => runSweep(context, depths, String(n)),
    )
    const width = (rows: readonly Row[][]) => describeWidth(rows.flat())
    return [
      {
        what: `depth 1 to ${depths} at side 28, ${n} proves each; interval of prove ${width(samples.ours.map((own) => own.rows))}, the other's ${width(samples.other.map((own) => own.rows))}`,
        unit: 's',
        ours: samples.ours.map(({ timeS }) => timeS),
        other: samples.other.map(({ timeS }) => timeS),
        commands: {
          ours: `npx vitest bench -- --sweep depth --iterations compile=1,witness=1,prove=${n},verify=${n}`,
          other: `npx vitest bench -- --sweep depth --iterations ${n}`,
        },
        by: 'ratio',
        limit: MOST,
      },
    ]
  },
}

interface Swept {
  timeS: number
  rows: Row[]
}

/** The reference's plan takes minutes: no round is spent on warming up. */
async function takeTurnsOnce(ours: () => Promise<Swept>, other: () => Promise<Swept>) {
  return { ours: [await ours()], other: [await other()] }
}

async function runSweep(context: Context, depths: number, iterations: string): Promise<Swept> {
  const plan = ['--sweep', 'depth', '--depth-max', String(depths), '--input-hw', '28']
  const { rows } = await runBench(context, [...plan, '--no-controls', '--iterations', iterations])
  return { timeS: (Date.parse(rows.at(-1)!.timestamp!) - spawnedMs(rows[0]!)) / 1000, rows }
}

/** Half the 95 % interval of the median time of prove, over its median: the mean of the points. */
function describeWidth(rows: readonly Row[]): string {
  const proves = Map.groupBy(
    rows.filter(({ phase }) => phase === 'prove'),
    ({ point }) => point,
  )
  const widths = [...proves.values()].map((own) => {
    const times = own.map(({ time_s }) => time_s!)
    return relativeHalfWidth(estimateMedianInterval(times)!, times)
  })
  const mean = widths.reduce((sum, own) => sum + own, 0) / widths.length
  return `± ${(100 * mean).toFixed(1)} %`
}
