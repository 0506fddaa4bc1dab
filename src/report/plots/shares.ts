import * as Plot from '@observablehq/plot'
import type { ReportData, ReportPoint } from '../data.ts'
import { figureOf } from '../metrics.ts'
import { metricId } from '../../row/metrics.ts'
import { PHASES } from '../../row/phases.ts'
import type { Phase } from '../../row/schema.ts'
import type { Drawing } from './drawing.ts'
import { drawFrame } from './frame.ts'
import { label, nameRows, PHASE_COLORS, PHASE_INKS } from './style.ts'
import { formatIn } from './units.ts'

interface Share {
  row: string
  phase: Phase
  timeS: number
  from: number
  to: number
}

const MAX_BARS = 60
const BAR = 20

/** How the time of a proof splits into phases, point by point. */
export function listShares({ points }: ReportData): Drawing[] {
  const names = nameAll(points.now)
  const shares = points.now.slice(0, MAX_BARS).map((point, i) => divide(point, names[i]!))
  const shown = shares.filter((own) => own.length > 1)
  if (shown.length === 0) return []
  const title = 'Share of each phase in the time of a proof'
  const cut = points.now.length > MAX_BARS ? ` The first ${MAX_BARS} of ${points.now.length} points.` : ''
  const description = `Medians of each phase as parts of their sum, for ${shown.length} points.${cut}`
  return [
    {
      id: 'phase-shares',
      title,
      description,
      draw: (options) => drawFrame({ title, description, ...layOut(shown, options.width) }, options),
      table: () => ({
        head: ['point', 'phase', 'median', 'share'],
        rows: shown
          .flat()
          .map(({ row, phase, timeS, from, to }) => [
            row,
            phase,
            formatIn('s', timeS),
            `${(100 * (to - from)).toFixed(1)} %`,
          ]),
      }),
    },
  ]
}

/** Names of points, with the prover if there are several. Duplicates are numbered, because each point is one row. */
export function nameAll(points: readonly ReportPoint[]): string[] {
  const hasProvers = new Set(points.map(({ prover }) => prover)).size > 1
  const seen = new Map<string, number>()
  return points.map(({ name, prover }) => {
    const own = label(name, 40) + (hasProvers && prover ? ` · ${label(prover, 20)}` : '')
    const count = (seen.get(own) ?? 0) + 1
    seen.set(own, count)
    return count > 1 ? `${own} (${count})` : own
  })
}

function divide(point: ReportPoint, row: string): Share[] {
  const times = PHASES.flatMap((phase) => {
    const timeS = figureOf(point, metricId('time_s', phase))?.median
    return timeS === undefined ? [] : [{ phase, timeS }]
  })
  const total = times.reduce((sum, { timeS }) => sum + timeS, 0)
  if (total <= 0) return []
  let sum = 0
  return times.map(({ phase, timeS }) => {
    const from = sum / total
    sum += timeS
    return { row, phase, timeS, from, to: sum / total }
  })
}

function layOut(shares: readonly Share[][], width: number) {
  const flat = shares.flat()
  const rows = shares.map(([first]) => first!.row)
  const { marginLeft, y } = nameRows(rows, width)
  const room = width - marginLeft - 64
  const totals = shares.map((own) => ({
    row: own[0]!.row,
    timeS: own.reduce((sum, { timeS }) => sum + timeS, 0),
  }))
  return {
    innerHeight: 40 + rows.length * BAR,
    marginLeft,
    marginRight: 64,
    legend: PHASES.filter((phase) => flat.some((own) => own.phase === phase)).map((phase) => ({
      color: PHASE_COLORS[phase],
      symbol: 'square' as const,
      text: phase,
    })),
    x: { percent: true, label: null, axis: 'top', ticks: 5, tickFormat: (part: number) => `${part} %` },
    y: { ...y, padding: 0.18 },
    marks: [
      Plot.barX(flat, {
        x1: 'from',
        x2: 'to',
        y: 'row',
        className: 'shares',
        fill: ({ phase }: Share) => PHASE_COLORS[phase],
        insetLeft: 0.5,
        insetRight: 0.5,
        title: ({ row, phase, timeS, from, to }: Share) =>
          `${row}\n${phase}: ${formatIn('s', timeS)}, ${(100 * (to - from)).toFixed(1)} %`,
      }),
      Plot.text(
        flat.filter(({ from, to }) => (to - from) * room > 44),
        {
          x: ({ from, to }: Share) => (from + to) / 2,
          y: 'row',
          fill: ({ phase }: Share) => PHASE_INKS[phase],
          text: ({ from, to }: Share) => `${(100 * (to - from)).toFixed(0)} %`,
        },
      ),
      Plot.text(totals, {
        x: () => 1,
        y: 'row',
        dx: 6,
        textAnchor: 'start',
        text: ({ timeS }: { timeS: number }) => formatIn('s', timeS),
      }),
    ],
  } satisfies Partial<Parameters<typeof drawFrame>[0]>
}
