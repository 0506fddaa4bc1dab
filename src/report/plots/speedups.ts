import * as Plot from '@observablehq/plot'
import { PHASES } from '../../row/phases.ts'
import type { ReportData, ReportPoint } from '../data.ts'
import { type Drawing, drawFrame } from './frame.ts'
import { assignStyles, label } from './style.ts'

interface Step {
  name: string
  threads: number
  speedup: number
  lo: number | null
  hi: number | null
}

const HEIGHT = 230
const MAX_LINES = 16

/** Speed-up of each phase with more threads: a line for each point, beside the ideal one. */
export function listSpeedUps({ points }: ReportData): Drawing[] {
  // The variants of a point share a line.
  const hasProvers = new Set(points.now.map(({ prover_name }) => prover_name)).size > 1
  const names = points.now.map(
    ({ name, prover_name }) =>
      label(name, 40) + (hasProvers && prover_name ? ` · ${label(prover_name, 20)}` : ''),
  )
  return PHASES.flatMap((phase): Drawing[] => {
    const steps = points.now.flatMap((point, i) => stepsOf(point, phase, names[i]!))
    const shown = new Set([...new Set(steps.map(({ name }) => name))].slice(0, MAX_LINES))
    const own = steps
      .filter(({ name }) => shown.has(name))
      // Each variant brings the fewest threads along as its start.
      .filter(
        (step, i, all) =>
          i === all.findIndex((one) => one.name === step.name && one.threads === step.threads),
      )
      .toSorted((a, b) => a.threads - b.threads)
    if (own.length === 0) return []
    const title = `Speed-up of ${phase} with threads`
    const description = `Ratios of the medians of ${shown.size} ${shown.size === 1 ? 'point' : 'points'} to those with the fewest threads, with 95 % bootstrap intervals.`
    return [
      {
        id: `${phase}-speed-up`,
        title,
        description,
        isMain: phase === 'prove',
        draw: (options) => drawFrame({ title, description, ...layOut(own) }, options),
        table: () => ({
          head: ['point', 'threads', 'speed-up', 'from', 'to'],
          rows: own.map(({ name, threads, speedup, lo, hi }) => [
            name,
            threads,
            `×${speedup.toFixed(2)}`,
            lo === null ? null : `×${lo.toFixed(2)}`,
            hi === null ? null : `×${hi.toFixed(2)}`,
          ]),
        }),
      },
    ]
  })
}

function stepsOf(point: ReportPoint, phase: string, name: string): Step[] {
  return point.speedups
    .filter((own) => own.phase === phase)
    .flatMap(({ threads, base, speedup, lo, hi }) => [
      { name, threads: base, speedup: 1, lo: null, hi: null },
      { name, threads, speedup, lo, hi },
    ])
}

function layOut(steps: readonly Step[]) {
  const styles = assignStyles(steps.map(({ name }) => name))
  const threads = [...new Set(steps.map((step) => step.threads))].toSorted((a, b) => a - b)
  const [least, most] = [threads[0]!, threads.at(-1)!]
  const ideal = [
    { x: least, y: 1 },
    { x: most, y: most / least },
  ]
  return {
    innerHeight: HEIGHT,
    marginLeft: 44,
    marginRight: 14,
    marginBottom: 34,
    legend: [...styles].map(([text, style]) => ({ ...style, text })),
    above: 'times as fast; dotted: ideal',
    x: { ticks: threads, tickFormat: 'd', label: 'threads', inset: 8 },
    y: { label: null, grid: true, nice: true, zero: true },
    marks: [
      Plot.line(ideal, { x: 'x', y: 'y', strokeOpacity: 0.5, strokeDasharray: '1.5 3' }),
      ...[...styles].flatMap(([name, { color, symbol }]) => {
        const own = steps.filter((step) => step.name === name)
        return [
          Plot.line(own, {
            x: 'threads',
            y: 'speedup',
            stroke: color,
            strokeWidth: 1.5,
            className: 'medians',
          }),
          Plot.ruleX(
            own.filter(({ lo }) => lo !== null),
            { x: 'threads', y1: 'lo', y2: 'hi', stroke: color, strokeWidth: 2, className: 'intervals' },
          ),
          Plot.dot(own, {
            x: 'threads',
            y: 'speedup',
            fill: color,
            stroke: color,
            symbol,
            r: 3.6,
            className: 'medians',
            title: (step: Step) => `${name}\n${step.threads} threads: ×${step.speedup.toFixed(2)}`,
          }),
        ]
      }),
    ],
  } satisfies Partial<Parameters<typeof drawFrame>[0]>
}
