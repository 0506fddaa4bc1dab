import * as Plot from '@observablehq/plot'
import type { BaselineRatio, ReportData } from '../data.ts'
import { listMetrics, MAIN_OF_PROVE } from '../metrics.ts'
import type { Metric } from '../../row/metrics.ts'
import { defineDrawing, type Drawing, type Layout, plotName } from './frame.ts'
import { BETTER, nameAll, nameRows, NEUTRAL, titleOfPart, WORSE } from './style.ts'
import { formatRatioTick, pickRatioTicks } from './ticks.ts'
import { direction, formatChange, formatIn } from './units.ts'

interface Named extends BaselineRatio {
  name: string
}

const ROW = 18
const MAX_ROWS = 60

/** Current figures relative to the baseline: one plot per metric, one line per point. */
export function listRatios({ points, ratios }: ReportData): Drawing[] {
  const names = nameAll(points.now)
  return listMetrics(points.now).flatMap((metric): Drawing[] => {
    const all = ratios
      .filter((ratio) => ratio.metric === metric.id)
      .map((ratio) => ({ ...ratio, name: names[ratio.point]! }))
    const own = all.slice(0, MAX_ROWS)
    if (own.length === 0) return []
    const worse = own.filter((ratio) => direction(ratio) === 'worse').length
    const better = own.filter((ratio) => direction(ratio) === 'better').length
    return [
      defineDrawing({
        id: `${plotName(metric)}-against-baseline`,
        isMain: MAIN_OF_PROVE.has(metric.id),
        title: titleOfPart(`${metric.title} against the baseline`, own.length, all.length, 'points'),
        description: `Ratios of the medians of ${own.length} points: ${worse} clearly larger, ${better} clearly smaller.`,
        layOut: (width) => layOut(own, width),
        table: () => tabulate(own, metric),
      }),
    ]
  })
}

const COLORS = { worse: WORSE, better: BETTER, neutral: NEUTRAL }
const colorOf = (ratio: BaselineRatio) => COLORS[direction(ratio)]

function layOut(ratios: readonly Named[], width: number): Layout {
  const ends = ratios
    .flatMap(({ ratio, lo, hi }) => [ratio, lo ?? ratio, hi ?? ratio])
    .filter((end) => end > 0)
  // At least 5 % to either side, so that noise of one in a thousand does not look like a change.
  const domain: [number, number] = [Math.min(0.95, ...ends), Math.max(1.05, ...ends)]
  const names = ratios.map(({ name }) => name)
  return {
    innerHeight: 50 + names.length * ROW,
    marginRight: 58,
    marginBottom: 34,
    legend: [],
    x: {
      type: domain[1] / domain[0] > 4 ? 'log' : 'linear',
      domain,
      label: 'change of the median',
      grid: true,
      ticks: pickRatioTicks(domain),
      tickFormat: formatRatioTick,
    },
    ...nameRows(names, width),
    marks: [
      Plot.ruleX([1], { strokeOpacity: 0.6 }),
      Plot.link(
        ratios.filter(({ lo }) => lo !== null && lo > 0),
        { x1: 'lo', x2: 'hi', y: 'name', stroke: colorOf, strokeWidth: 2, className: 'intervals' },
      ),
      Plot.dot(
        ratios.filter(({ ratio }) => ratio > 0),
        { x: 'ratio', y: 'name', fill: colorOf, r: 3.6, className: 'ratios' },
      ),
      Plot.text(ratios, {
        frameAnchor: 'right',
        y: 'name',
        dx: 6,
        textAnchor: 'start',
        text: ({ ratio }: Named) => formatChange(ratio),
        fill: (ratio: Named) => (direction(ratio) === 'neutral' ? 'currentColor' : colorOf(ratio)),
      }),
    ],
  }
}

function tabulate(ratios: readonly Named[], { unit }: Metric) {
  return {
    head: ['point', 'baseline', 'now', 'change', 'from', 'to'],
    rows: ratios.map(({ name, base, now, ratio, lo, hi }) => [
      name,
      formatIn(unit, base),
      formatIn(unit, now),
      formatChange(ratio),
      lo === null ? null : formatChange(lo),
      hi === null ? null : formatChange(hi),
    ]),
  }
}
