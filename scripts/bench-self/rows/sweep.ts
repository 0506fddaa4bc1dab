import type { Row } from '../../../src/row/schema.ts'
import { estimateMedianInterval, relativeHalfWidth } from '../../../src/row/statistics/describe.ts'
import type { Benchmark, Context } from '../benchmark.ts'
import { runBench, spawnedMs } from '../vitest-run.ts'

const MOST = 1 / 3

/**
 * A sweep that gives the median time of prove to the same precision in two ways: by the plan of `jst bench`, whose
 * iterations repeat every phase and are as many for the quietest point as for the noisiest, and by sampling on one
 * compile. The precision is that of the plan of `jst bench` at its worst point.
 */
export const sweep: Benchmark = {
  name: 'sweep',
  what: 'depth sweep of the embedded prover, to one interval on prove',
  against: 'the plan of `jst bench`: every phase again in each iteration',
  async run(context) {
    const n = context.quick ? 8 : 20
    const depths = context.quick ? 1 : 3
    const other = await runSweep(context, depths, ['--iterations', String(n)])
    const target = Math.max(...widthsOf(other.rows))
    const sampling = `target=${target},max=${3 * n}`
    const ours = await runSweep(context, depths, ['--sampling', sampling])
    const reached = Math.max(...widthsOf(ours.rows))
    const plan = `npx vitest bench -- --sweep depth --depth-max ${depths} --input-hw 28`
    return [
      {
        what: `depth 1 to ${depths} at side 28, every median within ${percent(target)} (reached ${percent(reached)}); proves ${countProves(ours.rows)} against ${countProves(other.rows)}`,
        unit: 's',
        ours: [ours.timeS],
        other: [other.timeS],
        commands: {
          ours: `${plan} --sampling target=${target.toFixed(4)},max=${3 * n}`,
          other: `${plan} --iterations ${n}`,
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

/** Once only: the plan of `jst bench` takes minutes. */
async function runSweep(context: Context, depths: number, repeated: string[]): Promise<Swept> {
  const plan = ['--sweep', 'depth', '--depth-max', String(depths), '--input-hw', '28']
  const { rows } = await runBench(context, [...plan, '--no-controls', ...repeated])
  return { timeS: (Date.parse(rows.at(-1)!.timestamp!) - spawnedMs(rows[0]!)) / 1000, rows }
}

/** Half the 95 % interval of the median time of prove, over its median, of each point. */
function widthsOf(rows: readonly Row[]): number[] {
  return provesByPoint(rows).map((own) => {
    const times = own.map(({ time_s }) => time_s!)
    return relativeHalfWidth(estimateMedianInterval(times)!, times)
  })
}

function countProves(rows: readonly Row[]): string {
  return provesByPoint(rows)
    .map(({ length }) => length)
    .join(' + ')
}

function provesByPoint(rows: readonly Row[]): Row[][] {
  const proves = rows.filter(({ phase }) => phase === 'prove')
  return [...Map.groupBy(proves, ({ point }) => point).values()]
}

const percent = (part: number) => `± ${(100 * part).toFixed(1)} %`
