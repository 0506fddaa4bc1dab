import * as Plot from '@observablehq/plot'
import type { HistorySeries, ReportData, RunInfo } from '../data.ts'
import { describeCommit } from '../machine.ts'
import { MAIN_OF_PROVE, orderMetrics } from '../metrics.ts'
import { describeMetric } from '../../row/metrics.ts'
import { defineDrawing, type Drawing, type Layout, plotName } from './frame.ts'
import { assignStyles, BETTER, label, WORSE } from './style.ts'
import { formatShort } from './ticks.ts'
import { formatChange, formatIn } from './units.ts'

interface Step {
  at: number
  relative: number
  key: number
}

const HEIGHT = 220

/** Each metric across runs, every point relative to the first run that has it, with changes of level marked. */
export function listHistory({ runs, history }: ReportData): Drawing[] {
  return orderMetrics(history.map((own) => own.metric)).map((metric) => {
    const series = history.filter((own) => own.metric === metric.id)
    const changes = series.reduce((sum, own) => sum + own.changes.length, 0)
    return defineDrawing({
      id: `${plotName(metric)}-over-runs`,
      isMain: MAIN_OF_PROVE.has(metric.id),
      title: `${metric.title} over the runs`,
      description: `${series.length} points over ${runs.length} runs, relative to the first; ${changes} changes of level.`,
      layOut: () => layOut(series, runs),
      table: () => tabulate(series, runs),
    })
  })
}

/** `run-07 · 1a2b3c4d · 2026-09-07`. */
function describeRun({ id, commit, dirty, started }: RunInfo): string {
  const parts = [id && label(id, 40), describeCommit({ commit, dirty }), started?.slice(0, 10)]
  return parts.filter(Boolean).join(' · ') || 'rows without a run id'
}

/** The label under a run: its commit, or else its day. */
function tickOf({ commit, started, id }: RunInfo): string {
  return commit?.slice(0, 7) ?? started?.slice(5, 10) ?? label(id ?? '—', 7)
}

const groupOf = ({ prover, track }: HistorySeries) =>
  [prover, track].flatMap((part) => part ?? []).join(' · ') || 'all points'

function layOut(series: readonly HistorySeries[], runs: readonly RunInfo[]): Layout {
  const styles = assignStyles(series.map(groupOf))
  const steps = series.map((own, key) => relate(own, key))
  const marked = series.flatMap((own, key) =>
    own.changes.map((change) => ({ ...steps[key]![change.at]!, ratio: change.after / change.before, own })),
  )
  const every = Math.ceil(runs.length / 8)
  const tell = ({ key, at, relative }: Step) => {
    const own = series[key]!
    const figure = formatIn(describeMetric(own.metric).unit, own.medians[own.runs.indexOf(at)]!)
    return `${label(own.name)}\n${groupOf(own)}\n${describeRun(runs[at]!)}\nmedian ${figure} (${formatChange(relative)})`
  }
  return {
    innerHeight: HEIGHT,
    marginLeft: 52,
    marginRight: 16,
    marginBottom: 52,
    legend: [
      ...[...styles].map(([text, { color, symbol }]) => ({ color, symbol, text: label(text) })),
      ...(marked.length ? [{ color: WORSE, symbol: 'diamond' as const, text: 'change of level' }] : []),
    ],
    x: {
      type: 'linear',
      domain: [0, Math.max(1, runs.length - 1)],
      ticks: runs.map((_, i) => i).filter((i) => (runs.length - 1 - i) % every === 0),
      tickFormat: (i: number) => (runs[i] ? tickOf(runs[i]) : ''),
      tickRotate: -35,
      label: null,
      inset: 8,
    },
    above: 'times the first run',
    y: { label: null, grid: true, nice: true, tickFormat: formatShort, domain: spanOf(steps.flat()) },
    tips: [Plot.tip(steps.flat(), Plot.pointer({ x: 'at', y: 'relative', title: tell }))],
    marks: [
      Plot.ruleY([1], { strokeOpacity: 0.4 }),
      Plot.ruleX([...new Set(marked.map(({ at }) => at - 0.5))], { stroke: WORSE, strokeDasharray: '3 3' }),
      ...series.map((own, key) => {
        const { color } = styles.get(groupOf(own))!
        return Plot.line(steps[key]!, {
          x: 'at',
          y: 'relative',
          stroke: color,
          strokeOpacity: 0.7,
          className: 'runs',
          strokeWidth: 1.25,
        })
      }),
      ...series.map((own, key) => {
        const { color, symbol } = styles.get(groupOf(own))!
        return Plot.dot(steps[key]!, {
          x: 'at',
          y: 'relative',
          fill: color,
          symbol,
          r: 2.2,
          className: 'medians',
        })
      }),
      Plot.dot(marked, {
        x: 'at',
        y: 'relative',
        symbol: 'diamond',
        r: 5,
        stroke: 'var(--plot-background, white)',
        fill: ({ ratio }: { ratio: number }) => (ratio > 1 ? WORSE : BETTER),
        className: 'changes',
      }),
    ],
  }
}

/** At least 5 % to either side, so that noise of one in a thousand does not look like a change. */
function spanOf(steps: readonly Step[]): [number, number] {
  const values = steps.map(({ relative }) => relative)
  return [Math.min(0.95, ...values), Math.max(1.05, ...values)]
}

function relate({ runs, medians }: HistorySeries, key: number): Step[] {
  const first = medians[0] || 1
  return runs.map((at, i) => ({ at, key, relative: medians[i]! / first }))
}

function tabulate(series: readonly HistorySeries[], runs: readonly RunInfo[]) {
  return {
    head: ['point', 'of', 'run', 'median', 'change of level'],
    rows: series.flatMap((own) => {
      const { unit } = describeMetric(own.metric)
      return own.runs.map((at, i) => {
        const change = own.changes.find((one) => one.at === i)
        return [
          label(own.name),
          groupOf(own),
          describeRun(runs[at]!),
          formatIn(unit, own.medians[i]!),
          change ? formatChange(change.after / change.before) : null,
        ]
      })
    }),
  }
}
