import * as Plot from '@observablehq/plot'
import { PHASES } from '../../row/phases.ts'
import type { Phase } from '../../row/schema.ts'
import type { ReportData, ReportPoint } from '../data.ts'
import { defineDrawing, type Drawing, type Layout } from './frame.ts'
import { assignStyles, nameAll } from './style.ts'

interface Step {
  name: string
  threads: number
  speedup: number
  lo: number | null
  hi: number | null
}

const HEIGHT = 230
const MAX_LINES = 16

/** Speed-up of each phase with more threads: a line for each point and variant, next to the ideal one. */
export function listSpeedUps({ points }: ReportData): Drawing[] {
  const lines = [
    ...Map.groupBy(points.now, ({ model_index, clock, thread_line }) =>
      JSON.stringify([model_index, clock, thread_line]),
    ).values(),
  ]
  const names = nameAll(lines.map(([first]) => ({ ...first!, prover: first!.thread_line })))
  return PHASES.flatMap((phase): Drawing[] => {
    const shown = lines
      .map((line, i) => stepsOf(line, phase, names[i]!))
      .filter((steps) => steps.length > 0)
      .slice(0, MAX_LINES)
    const own = shown.flat()
    if (own.length === 0) return []
    return [
      defineDrawing({
        id: `${phase}-speed-up`,
        isMain: phase === 'prove',
        title: `Speed-up of ${phase} with threads`,
        description: `Ratios of the medians of ${shown.length} ${shown.length === 1 ? 'point' : 'points'} to those with the fewest threads, with 95 % bootstrap intervals.`,
        layOut: () => layOut(own),
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
      }),
    ]
  })
}

function stepsOf(line: readonly ReportPoint[], phase: Phase, name: string): Step[] {
  const own = line.flatMap(({ speedups }) => speedups.filter((one) => one.phase === phase))
  if (own.length === 0) return []
  const start = { threads: own[0]!.base, speedup: 1, lo: null, hi: null }
  return [start, ...own]
    .map(({ threads, speedup, lo, hi }) => ({ name, threads, speedup, lo, hi }))
    .toSorted((a, b) => a.threads - b.threads)
}

function layOut(steps: readonly Step[]): Layout {
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
            title: (step: Step) =>
              `${name}\n${step.threads} ${step.threads === 1 ? 'thread' : 'threads'}: ×${step.speedup.toFixed(2)}`,
          }),
        ]
      }),
    ],
  }
}
