import * as Plot from '@observablehq/plot'
import type { Figure, ReportData, ScalingGroup } from '../data.ts'
import { figureOf, listMetrics, MAIN } from '../metrics.ts'
import { type Axis, placeOf, SIZE_AXES } from '../../row/families.ts'
import type { Metric } from '../../row/metrics.ts'
import { defineDrawing, type Drawing, type Layout, type LegendEntry, plotName, slug } from './frame.ts'
import { describeFit, describeLaw, describeResidual, traceLaw } from './law.ts'
import { assignStyles, label } from './style.ts'
import { formatShort, logScale } from './ticks.ts'
import { formatIn, pickUnit } from './units.ts'

export type Scale = 'linear' | 'log'

interface ScalingDrawing extends Drawing {
  metric: Metric
}

interface Mark extends Pick<Figure, 'median' | 'lo' | 'hi' | 'spread' | 'n' | 'dots'> {
  x: number
  name: string
}

/** A group with its figures of one metric. */
interface Line {
  group: ScalingGroup
  marks: Mark[]
  color: string
  symbol: Plot.SymbolType
}

const HEIGHT = 230

/** What the axes are called below the plots; any other parameter has its own name. */
const AXIS_LABELS: Readonly<Record<Axis, string>> = {
  depth: 'depth (conv blocks)',
  breadth: 'breadth (input side, pixels)',
  param_count: 'parameters of the model',
  totalCost: 'totalCost of the circuit',
}

/** The axes for which this report has something to show. */
export function listAxes({ groups }: ReportData): Axis[] {
  return [...new Set(groups.map(({ axis }) => axis))]
}

/** One plot per metric along an axis. */
export function listScaling(data: ReportData, axis: Axis, scale: Scale): ScalingDrawing[] {
  const groups = data.groups.filter((group) => group.axis === axis)
  const styles = assignStyles(data.groups.map(({ color_key }) => color_key))
  const isMainAxis = axis === listAxes(data)[0] || !SIZE_AXES.includes(axis)
  return listMetrics([...data.points.now, ...data.points.base]).flatMap((metric): ScalingDrawing[] => {
    if (metric.kind === 'counter' && axis === 'totalCost') return []
    const lines = groups.flatMap((group): Line[] => {
      const marks = readMarks(data, group, metric)
      return marks.length ? [{ group, marks, ...styles.get(group.color_key)! }] : []
    })
    if (lines.length === 0) return []
    const drawing = defineDrawing({
      id: slug(`${plotName(metric)} over ${axis}`),
      isMain: isMainAxis && MAIN.includes(metric.id),
      title: `${metric.title} over ${axis}`,
      description: describe(lines, metric, axis),
      layOut: () => layOut(lines, metric, axis, scale),
      table: () => tabulate(lines, metric, axis),
    })
    return [{ ...drawing, metric }]
  })
}

function readMarks(data: ReportData, { side, members, axis }: ScalingGroup, { id }: Metric): Mark[] {
  return members.flatMap((i) => {
    const point = data.points[side][i]
    const figure = point && figureOf(point, id)
    return figure ? [{ ...figure, x: placeOf(point, axis)!, name: label(point.name) }] : []
  })
}

const lineName = ({ group }: Line) => label(group.label) + (group.side === 'base' ? ', baseline' : '')

function describe(lines: readonly Line[], { id }: Metric, axis: Axis): string {
  const parts = lines.map((line) => {
    const law = line.group.laws[id]
    return `${lineName(line)}: ${line.marks.length} points${law ? `, growing as ${describeLaw(law, axis)}, ${describeFit(law)}` : ''}`
  })
  return `Medians with intervals. ${parts.join('; ')}.`
}

function layOut(lines: readonly Line[], metric: Metric, axis: Axis, scale: Scale): Layout {
  const isLog = scale === 'log'
  const all = lines.flatMap(({ marks }) => marks)
  // Zero has no place on a logarithmic scale. If there is nothing else, the scale is linear.
  const isLogY = isLog && all.some(({ lo }) => lo > 0)
  const canShow = ({ x, lo }: Mark) => (!isLog || x > 0) && (!isLogY || lo > 0)
  const shown = lines.map((line) => ({ ...line, marks: line.marks.filter(canShow) }))
  const hidden = all.filter((mark) => !canShow(mark)).length
  const unit = pickUnit(metric.unit, Math.max(...all.map(({ median }) => median)) || 1, 0.5)
  const y = (value: number) => value / unit.size
  const xs = [...new Set(all.map(({ x }) => x))].toSorted((a, b) => a - b)
  const ends = lines.flatMap(({ marks, group }) =>
    marks.flatMap(({ lo, hi, dots }) => [lo, hi, ...(group.side === 'now' ? dots : [])].map(y)),
  )
  const isCount = axis === 'depth' || axis === 'breadth'
  return {
    innerHeight: HEIGHT,
    marginLeft: 52,
    marginRight: 12,
    marginBottom: 34,
    legend: lines.map((line) => toLegend(line, metric, axis)),
    above: (unit.label || metric.title) + (hidden ? ` · not shown: ${hidden} with zeros` : ''),
    x: {
      ...(isLog ? logScale(xs) : { tickFormat: formatShort, nice: !isCount }),
      ...(isCount && xs.length <= 12 ? { ticks: xs, tickFormat: String } : {}),
      label: Object.hasOwn(AXIS_LABELS, axis) ? AXIS_LABELS[axis]! : label(axis),
      inset: 6,
    },
    y: {
      ...(isLogY ? logScale(ends) : { zero: true, nice: true, tickFormat: formatShort }),
      label: null,
      grid: true,
    },
    // The baseline is drawn first, so that it does not cover the current figures.
    marks: shown.toReversed().flatMap((line) => drawLine(line, y, metric)),
    tips: [
      Plot.tip(
        shown.flatMap(({ marks, group }) => marks.map((mark) => ({ ...mark, group }))),
        Plot.pointer({
          x: 'x',
          y: ({ median }: Mark) => y(median),
          title: (mark: Mark & { group: ScalingGroup }) => tell(mark, metric, axis),
        }),
      ),
    ],
  }
}

function toLegend({ group, color, symbol, ...line }: Line, { id }: Metric, axis: Axis): LegendEntry {
  // The baseline is only for comparison: its law is not drawn, only mentioned in the description.
  const law = group.side === 'now' ? group.laws[id] : undefined
  return {
    color,
    symbol,
    hollow: group.side === 'base',
    text: lineName({ group, color, symbol, ...line }),
    ...(law ? { more: `∝ ${describeLaw(law, axis)}, R² ${law.r_squared.toFixed(3)}` } : {}),
  }
}

function drawLine(
  { group, marks, color, symbol }: Line,
  y: (value: number) => number,
  metric: Metric,
): Plot.Markish[] {
  const isBase = group.side === 'base'
  const law = isBase ? undefined : group.laws[metric.id]
  const dots = isBase ? [] : marks.flatMap(({ x, dots: own }) => own.map((value) => ({ x, y: y(value) })))
  const at = { x: 'x', y: (mark: Mark) => y(mark.median) }
  return [
    law
      ? Plot.line(traceLaw(law, marks), {
          x: 'x',
          y: ({ y: value }: { y: number }) => y(value),
          stroke: color,
          strokeWidth: 1.25,
          strokeDasharray: '5 3',
          strokeOpacity: 0.75,
          className: 'law',
        })
      : null,
    group.isFamily
      ? Plot.line(marks, {
          ...at,
          stroke: color,
          strokeWidth: isBase ? 1 : 1.5,
          className: 'medians',
          ...(isBase ? { strokeDasharray: '1.5 2.5' } : {}),
        })
      : null,
    Plot.dot(dots, { x: 'x', y: 'y', r: 1.6, fill: color, fillOpacity: 0.35, className: 'samples' }),
    Plot.ruleX(marks, {
      x: 'x',
      y1: ({ lo }: Mark) => y(lo),
      y2: ({ hi }: Mark) => y(hi),
      stroke: color,
      strokeWidth: 2,
      className: 'intervals',
      strokeOpacity: ({ spread }: Mark) => (spread === 'interval' ? 0.9 : 0.4),
    }),
    Plot.dot(marks, {
      ...at,
      symbol,
      r: 3.6,
      stroke: color,
      strokeWidth: 1.5,
      className: 'medians',
      fill: isBase ? 'var(--plot-background, white)' : color,
    }),
  ]
}

function tell(
  { name, x, median, lo, hi, n, spread, group }: Mark & { group: ScalingGroup },
  metric: Metric,
  axis: Axis,
): string {
  const show = (value: number) => formatIn(metric.unit, value)
  const off = describeResidual(group.laws[metric.id], x, median)
  return [
    name,
    label(group.label) + (group.side === 'base' ? ', baseline' : ''),
    `${axis} ${x.toLocaleString('en-US')}`,
    `median ${show(median)}${n > 1 ? `, n = ${n}` : ''}`,
    ...(lo === hi ? [] : [`${spread === 'interval' ? '95 % interval' : 'range'} ${show(lo)} to ${show(hi)}`]),
    ...(off === null ? [] : [`${off} off the law`]),
  ].join('\n')
}

function tabulate(lines: readonly Line[], { unit, id }: Metric, axis: Axis) {
  return {
    head: ['series', 'point', axis, 'n', 'median', 'from', 'to', 'of', 'off the law'],
    rows: lines.flatMap((line) =>
      line.marks.map(({ name, x, n, median, lo, hi, spread }) => [
        lineName(line),
        name,
        x,
        n,
        formatIn(unit, median),
        formatIn(unit, lo),
        formatIn(unit, hi),
        spread === 'interval' ? '95 % interval' : 'range',
        describeResidual(line.group.laws[id], x, median),
      ]),
    ),
  }
}
