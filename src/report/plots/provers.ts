import * as Plot from '@observablehq/plot'
import type { ReportData, ReportPoint } from '../data.ts'
import { figureOf, MAIN_OF_PROVE, MEMORIES, TIMES } from '../metrics.ts'
import { getOrAdd } from '../../row/collections.ts'
import { describeMetric, type Metric } from '../../row/metrics.ts'
import { defineDrawing, type Drawing, type Layout, plotName } from './frame.ts'
import { assignStyles, label, nameRows, numberDuplicates, titleOfPart } from './style.ts'
import { logScale } from './ticks.ts'
import { formatIn, pickUnit } from './units.ts'

/** One model with the provers that proved it. */
interface Contest {
  name: string
  entries: { prover: string; value: number; ratio: number }[]
}

const ROW = 20
const MAX_ROWS = 40

/** The same models with several provers: a plot for the time and the memory of each phase. */
export function listContests(data: ReportData): Drawing[] {
  const provers = [...new Set(data.points.now.flatMap(({ prover }) => prover ?? []))]
  if (provers.length < 2) return []
  const styles = assignStyles(provers)
  const metrics = [...TIMES, ...MEMORIES].map(describeMetric)
  return metrics.flatMap((metric): Drawing[] => {
    const all = listModels(data.points.now, metric)
    if (all.length === 0) return []
    const contests = all.slice(0, MAX_ROWS)
    return [
      defineDrawing({
        id: `${plotName(metric)}-by-prover`,
        isMain: MAIN_OF_PROVE.has(metric.id),
        title: titleOfPart(`${metric.title}, prover against prover`, contests.length, all.length, 'models'),
        description: `Medians of ${contests.length} models that ${provers.map((name) => label(name)).join(' and ')} have proved.`,
        layOut: (width) => layOut(contests, metric, styles, width),
        table: () => ({
          head: ['model', 'prover', 'median', 'times the least'],
          rows: contests.flatMap(({ name, entries }) =>
            entries.map(({ prover, value, ratio }) => [
              name,
              label(prover),
              formatIn(metric.unit, value),
              `×${ratio.toFixed(2)}`,
            ]),
          ),
        }),
      }),
    ]
  })
}

/** Models for which at least two provers have a figure. Figures from different clocks are not compared. */
function listModels(points: readonly ReportPoint[], { id, kind }: Metric): Contest[] {
  const models = new Map<string, ReportPoint[]>()
  for (const point of points) {
    const key = kind === 'time' ? `${point.model_index} ${point.clock}` : `${point.model_index}`
    getOrAdd(models, key, (): ReportPoint[] => []).push(point)
  }
  const contests = [...models.values()].flatMap((own): Contest[] => {
    const values = own.flatMap((point) => {
      const value = figureOf(point, id)?.median
      return point.prover !== null && value !== undefined && value > 0
        ? [{ prover: point.prover, value }]
        : []
    })
    const least = Math.min(...values.map(({ value }) => value))
    const entries = values.map((entry) => ({ ...entry, ratio: entry.value / least }))
    return new Set(values.map(({ prover }) => prover)).size > 1
      ? [{ name: label(own[0]!.name), entries }]
      : []
  })
  const names = numberDuplicates(contests.map(({ name }) => name))
  return contests.map((contest, i) => ({ ...contest, name: names[i]! }))
}

function layOut(
  contests: readonly Contest[],
  metric: Metric,
  styles: ReturnType<typeof assignStyles>,
  width: number,
): Layout {
  const names = contests.map(({ name }) => name)
  const all = contests.flatMap(({ name, entries }) => entries.map((entry) => ({ name, ...entry })))
  const unit = pickUnit(metric.unit, Math.max(...all.map(({ value }) => value)), 0.2)
  const spans = contests.map(({ name, entries }) => {
    const values = entries.map(({ value }) => value / unit.size)
    return { name, from: Math.min(...values), to: Math.max(...values) }
  })
  return {
    innerHeight: 50 + names.length * ROW,
    marginRight: 52,
    marginBottom: 34,
    legend: [...styles].map(([name, style]) => ({ ...style, text: label(name) })),
    x: { ...logScale(all.map(({ value }) => value / unit.size)), label: unit.label, grid: true, inset: 4 },
    ...nameRows(names, width),
    marks: [
      Plot.link(spans, { x1: 'from', x2: 'to', y: 'name', strokeOpacity: 0.35, strokeWidth: 2 }),
      ...[...styles].map(([name, { color, symbol }]) =>
        Plot.dot(
          all.filter(({ prover }) => prover === name),
          {
            x: ({ value }: { value: number }) => value / unit.size,
            y: 'name',
            className: 'medians',
            fill: color,
            stroke: color,
            symbol,
            r: 4,
            title: ({ name: model, value }: { name: string; value: number }) =>
              `${model}\n${label(name)}: ${formatIn(metric.unit, value)}`,
          },
        ),
      ),
      Plot.text(spans, {
        x: 'to',
        y: 'name',
        dx: 9,
        textAnchor: 'start',
        text: ({ from, to }: { from: number; to: number }) =>
          `×${(to / from).toFixed(to / from < 10 ? 1 : 0)}`,
      }),
    ],
  }
}
