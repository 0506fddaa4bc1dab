import { showHeld, withoutShared } from '../row/families.ts'
import type { PointSummary } from '../row/summary.ts'
import { type FigureScaling, findScaling, fitOperatorCosts, type OperatorCost } from '../row/scaling.ts'
import { PHASES, type Phase } from '../row/schema.ts'
import { cleanText, formatFigure, formatPercent } from './format.ts'
import { describeMetric, formatCount } from '../row/metrics.ts'
import {
  type Column,
  columnsOf,
  createLinePaint,
  fitColumns,
  renderTable,
  type Saving,
  WRAP,
  wrapItems,
} from './table.ts'
import { createPaint, type CardStyle } from './terminal.ts'
import { countOf } from '../lib/names.ts'

/** The card of a run: mean times, peak memory and totalCost of every point, failure counts, scaling laws. */
export function renderRunCard(points: readonly PointSummary[], style: CardStyle): string {
  const paint = createPaint(style)
  const phases = points.flatMap((point) => point.phases)
  const paintLines = createLinePaint(style)
  const ok = sum(phases.map((phase) => phase.ok))
  const notOk = sum(phases.map((phase) => phase.rows)) - ok
  const runs = new Set(points.flatMap(({ run_ids }) => run_ids.map((id) => cleanText(id, 40))))
  const title = [
    runs.size > 0 ? `${runs.size > 1 ? 'runs' : 'run'} ${[...runs].join(', ')}` : 'rows without a run id',
    countOf(points.length, 'point', formatCount(points.length)),
    `${countOf(ok, 'row', formatCount(ok))} ok`,
  ]
  return [
    ...wrapItems('', title, style.width).map((line) => paint('bold', line)),
    renderTable(fitColumns(layOutPoints(points), style, POINT_SAVINGS), style.unicode),
    ...(notOk > 0 ? paintLines('red', `✗ ${formatCount(notOk)} not ok: ${countStatuses(points)}`) : []),
    ...renderSpeedUps(points, style),
    ...renderScaling(findScaling(points), style),
    ...renderOperators(fitOperatorCosts(points), style),
  ].join('\n')
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** A narrow terminal drops the times of phases first, since each point's own card has them. */
const POINT_SAVINGS: Saving[] = [
  'verify (s)',
  'witness (s)',
  'compile (s)',
  WRAP,
  'totalCost',
  WRAP,
  'proofs/min',
]
const SPEEDUP_SAVINGS: Saving[] = ['prover', WRAP, '95 % interval', WRAP]
const SCALING_SAVINGS: Saving[] = ['R²', 'points', 'residual', WRAP, '95 % interval', WRAP]

function layOutPoints(points: readonly PointSummary[]): Column[] {
  const column = columnsOf(points)
  const showLabel = new Set(points.map(({ label }) => label)).size > 1
  return [
    column('left', 'point', (point) => nameOf(point, showLabel)),
    ...PHASES.filter((phase) => points.some((point) => point.phases.some((own) => own.phase === phase))).map(
      (phase) => column('right', `${phase} (s)`, (point) => formatFigure(meanTimeS(point, phase), 's')),
    ),
    ...(points.some(({ variant }) => variant['concurrency'])
      ? [column('right', 'proofs/min', (point) => formatFigure(proofsPerMinute(point), 'plain'))]
      : []),
    column('right', 'peak (MB)', (point) => formatFigure(peakMb(point), 'MB')),
    column('right', 'totalCost', ({ counters: { totalCost } }) =>
      totalCost ? formatCount(totalCost.max) : '—',
    ),
  ]
}

function nameOf({ point, label }: PointSummary, showLabel: boolean): string {
  return cleanText(point, 60) + (showLabel && label ? ` [${cleanText(label, 60)}]` : '')
}

function meanTimeS({ phases }: PointSummary, phase: Phase): number | undefined {
  return phases.find((own) => own.phase === phase)?.time_s?.mean
}

function proofsPerMinute({ phases }: PointSummary): number | null {
  return phases.find(({ phase }) => phase === 'prove')?.proofs_per_minute ?? null
}

function peakMb({ phases }: PointSummary): number | null {
  const peaks = phases.flatMap(({ mem_mb }) => mem_mb?.worst ?? [])
  return peaks.length > 0 ? Math.max(...peaks) : null
}

/** `3 failed, 1 timeout`, over all phases. */
function countStatuses(points: readonly PointSummary[]): string {
  const counts = new Map<string, number>()
  for (const { failures } of points.flatMap(({ phases }) => phases)) {
    for (const { status, count } of failures) counts.set(status, (counts.get(status) ?? 0) + count)
  }
  return [...counts]
    .map(([status, count]) => `${formatCount(count)} ${status.replaceAll('_', ' ')}`)
    .join(', ')
}

/** Speed-up of each phase with more threads, if several numbers of threads were measured. */
function renderSpeedUps(points: readonly PointSummary[], style: CardStyle): string[] {
  const lines = points.flatMap((point) => point.speedups.map((own) => ({ ...own, point })))
  if (!lines.length) return []
  const column = columnsOf(lines)
  const columns = [
    column('left', 'point', ({ point }) => cleanText(point.point, 60)),
    column('left', 'prover', ({ point }) => cleanText(point.label ?? '', 60)),
    column('left', 'phase', ({ phase }) => phase),
    column('right', 'threads', ({ threads, base }) => `${threads} over ${base}`),
    column('right', 'speed-up', ({ speedup }) => `${speedup.toFixed(2)}x`),
    column('right', '95 % interval', ({ lo, hi }) =>
      lo === null || hi === null ? '—' : `${lo.toFixed(2)} to ${hi.toFixed(2)}`,
    ),
    column('right', 'efficiency', ({ efficiency }) => formatPercent(efficiency)),
  ]
  const table = renderTable(fitColumns(columns, style, SPEEDUP_SAVINGS), style.unicode)
  return [table, 'speed-up: ratio of medians, with an interval over iterations']
}

/** With fewer points the interval is too wide to be useful. `summary --json` has every fit. */
const MIN_POINTS = 4

/** A sweep over several parameters at once has hundreds of laws. */
const MAX_LAWS = 40

function renderScaling(fits: readonly FigureScaling[], style: CardStyle): string[] {
  const laws = fits.filter(({ n }) => n >= MIN_POINTS)
  if (laws.length === 0) return []
  const axes = Map.groupBy(laws, ({ against }) => against)
  const shown = [...axes.values()].flatMap((own) => nameSweeps(own.slice(0, MAX_LAWS)))
  const column = columnsOf(shown)
  const columns = [
    column('left', 'sweep', ({ sweep }) => sweep),
    column('left', 'grows', ({ phase, metric }) =>
      phase === null ? describeMetric(metric).title : `${phase} ${metric === 'time_s' ? 'time' : 'memory'}`,
    ),
    column(
      'left',
      'as',
      ({ against, exponent, constant }) =>
        `${constant > 0 ? 'c + ' : ''}${cleanText(against, 40)}^${exponent.toFixed(2)}`,
    ),
    column(
      'right',
      '95 % interval',
      (law) => `${law.exponent_lo.toFixed(2)} to ${law.exponent_hi.toFixed(2)}`,
    ),
    column('right', 'R²', ({ r_squared }) => r_squared.toFixed(3)),
    column('right', 'residual', (law) => `×${law.residual_factor.toFixed(2)}`),
    column('right', 'points', ({ n }) => `${n}`),
  ]
  return [
    renderTable(fitColumns(columns, style, SCALING_SAVINGS), style.unicode),
    ...Array.from(axes, ([axis, { length }]) => ({ axis, more: length - MAX_LAWS }))
      .filter(({ more }) => more > 0)
      .map(
        ({ axis, more }) =>
          `${formatCount(more)} more over ${cleanText(axis, 40)}: npx provemark summary --json has all`,
      ),
  ]
}

/** Counters that stand for the two kinds of gates, by the names that provers give them. */
const GATES = [
  { head: 'mul gates', counters: ['numMul', 'numConstraints'] },
  { head: 'add gates', counters: ['numAdd', 'numTerms'] },
]

/** What each operator costs: `12,345 + 9 per value`. */
function renderOperators(operators: readonly OperatorCost[], style: CardStyle): string[] {
  if (operators.length === 0) return []
  const column = columnsOf(operators)
  const costOf = ({ costs }: OperatorCost, names: readonly string[]) => {
    const name = names.find((own) => costs[own])
    return name === undefined ? '—' : formatCost(costs[name]!)
  }
  const columns = [
    column('left', 'operator', ({ operator, label, side }) =>
      cleanText([operator, label].flatMap((name) => name ?? []).join(', ') + (side ? ` (${side})` : ''), 60),
    ),
    column('right', 'values', ({ sizes }) => `${sizes[0]} to ${sizes.at(-1)}`),
    ...GATES.map(({ head, counters }) => column('right', head, (own) => costOf(own, counters))),
    column('right', 'totalCost', (own) => costOf(own, ['totalCost'])),
    column('right', 'circuit (B)', (own) => costOf(own, ['circuit_size_bytes'])),
  ]
  return [renderTable(fitColumns(columns, style, OPERATOR_SAVINGS), style.unicode)]
}

const OPERATOR_SAVINGS: Saving[] = ['values', 'circuit (B)', WRAP, 'add gates', WRAP]

function formatCost({ fixed, per_value }: OperatorCost['costs'][string]): string {
  const [start, slope] = [Math.round(fixed), Number(per_value.toPrecision(3))]
  if (!slope) return formatCount(start)
  return `${start ? `${formatCount(start)} + ` : ''}${slope} per value`
}

/** Names the sweep of each law along an axis: `depth, gnark (a)`, `operators Softmax, gnark`, `mlp relu, gnark, width 64`. */
function nameSweeps(laws: readonly FigureScaling[]) {
  return Array.from(Map.groupBy(laws, nameSweep), ([name, own]) => {
    // What all of them hold fixed does not distinguish them.
    const held = withoutShared(own.map((law) => showHeld(law.held)))
    return own.map((law, i) => ({
      ...law,
      sweep: [name, cleanText(held[i]!.join(', '), 60)].filter(Boolean).join(', '),
    }))
  }).flat()
}

function nameSweep({ track, family, label, side }: FigureScaling): string {
  const names = [[track, family].filter(Boolean).join(' '), label].flatMap((name) => name || [])
  return cleanText(names.join(', ') + (side ? ` (${side})` : ''), 60)
}
