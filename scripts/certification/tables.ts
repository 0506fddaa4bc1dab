import { BUSY, type FigureNoise, IDLE, STEADY } from '../../src/gate/self-test/noise.ts'
import { changeOfRuns, detectableGrowth } from '../../src/row/statistics/change.ts'

const BASELINES = [1, 2, 5, 10, 20]
const BUDGETS = [1, 10, 50]

/**
 * The smallest growth of a time that a run finds in 95 % of cases, by the number of runs in the baseline and of
 * budgets. Runs scatter by 10 %, as the gate expects, and have ten iterations that scatter by 3 %.
 */
export function renderDetectable(): string {
  const run = Array.from({ length: 10 }, (_, i) => Math.exp(i % 2 ? 0.02 : -0.02))
  const rows = BASELINES.map((count) => {
    const offsets = Array.from({ length: count }, (_, i) => i - (count - 1) / 2)
    const squares = offsets.reduce((sum, offset) => sum + offset ** 2, 0)
    const scale = squares ? 0.1 * Math.sqrt((count - 1) / squares) : 0
    const base = offsets.map((offset) => run.map((time) => time * Math.exp(scale * offset)))
    const change = changeOfRuns(base, [run], 0.1)
    const cells = BUDGETS.map((tests) => detectableGrowth(change, { alpha: 0.01 / tests, limit: 0.05 }))
    return [String(count), ...cells.map((growth) => `+${Math.round(100 * growth)} %`)]
  })
  const head = ['runs in the baseline', ...BUDGETS.map((n) => `${n} ${n === 1 ? 'budget' : 'budgets'}`)]
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** The noise of the simulation as a Markdown table: sds and shares in percent, the load as a logarithm. */
export function renderNoise(): string {
  const percent = (part: number) => `${Number((100 * part).toFixed(1))} %`
  const columns: [string, (noise: FigureNoise) => string][] = [
    ['between runs', ({ run }) => percent(run)],
    ['sides', ({ side }) => percent(side)],
    ['drift', ({ drift }) => percent(drift)],
    ['machine, lasting', ({ shared, lasting }) => `${percent(shared)}, ${lasting.toFixed(2)}`],
    ['iteration', ({ own }) => percent(own)],
    [
      'load (log), lasting',
      ({ load, loadSpread, loadLasting }) =>
        `${load.toFixed(2)} ± ${loadSpread.toFixed(2)}, ${loadLasting.toFixed(2)}`,
    ],
    ['bursts', ({ bursts, burstMean }) => `${percent(bursts)} of ${percent(burstMean)}`],
  ]
  const rows = [IDLE, BUSY, STEADY].flatMap(({ name, common, figures }) =>
    figures.map((noise) => [
      name,
      noise.figure,
      ...columns.map(([, show]) => show(noise)),
      common.toFixed(2),
    ]),
  )
  const head = ['machine', 'figure', ...columns.map(([name]) => name), 'phases of a run correlate']
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
