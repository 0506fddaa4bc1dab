import * as Plot from '@observablehq/plot'
import type { ReportData, ReportPoint } from '../data.ts'
import { figureOf } from '../metrics.ts'
import { describeMetric, metricId, spanOf } from '../../row/metrics.ts'
import { PHASES } from '../../row/phases.ts'
import type { Phase } from '../../row/schema.ts'
import { defineDrawing, type Drawing, type Layout } from './frame.ts'
import {
  label,
  LETTER_PX,
  nameAll,
  nameRows,
  PHASE_COLORS,
  PHASE_INKS,
  REPORTED_NOTE,
  titleOfPart,
} from './style.ts'
import { formatIn } from './units.ts'

interface Share {
  row: string
  phase: Phase
  timeS: number
  from: number
  to: number
}

/** A span of a phase, at its place in the phase's part of the bar. */
interface Span extends Share {
  name: string
}

const MAX_BARS = 60
const BAR = 20
/** Height of a bar with spans, which take its lower half, in pixels. */
const SPANNED_BAR = 34
/** Spans that together take longer than their phase overlap: drawn side by side, they would be misleading. */
const MAX_SPANNED = 1.02

/** How the time of a proof splits into phases, point by point. */
export function listShares({ points }: ReportData): Drawing[] {
  const names = nameAll(points.now)
  const all = points.now
    .map((point, i) => ({ point, shares: divide(point, names[i]!) }))
    .filter(({ shares }) => shares.length > 1)
  if (all.length === 0) return []
  const bars = all.slice(0, MAX_BARS)
  const shown = bars.map(({ shares }) => shares)
  const spans = bars.flatMap(({ point, shares }) => shares.flatMap((share) => listSpans(point, share)))
  const hasReported = bars.some(({ point }) => point.isReported)
  return [
    defineDrawing({
      id: 'phases',
      isMain: true,
      title: titleOfPart('Share of each phase in the time of a proof', shown.length, all.length, 'points'),
      description: `Medians of each phase as parts of their sum, for ${shown.length} points.`,
      layOut: (width) => layOut(shown, spans, hasReported, width),
      table: () => ({
        head: ['point', 'phase', 'inside it', 'median', 'share'],
        rows: shown.flat().flatMap((share) => {
          const inside = spans.filter(({ row, phase }) => row === share.row && phase === share.phase)
          return [{ ...share, name: null }, ...inside].map(({ row, phase, name, timeS, from, to }) => [
            row,
            phase,
            name,
            formatIn('s', timeS),
            showPercent(from, to, 1),
          ])
        }),
      }),
    }),
  ]
}

const showPercent = (from: number, to: number, digits = 0) => `${(100 * (to - from)).toFixed(digits)} %`

/** The spans of a phase one after another, the longest first. */
function listSpans({ figures }: ReportPoint, share: Share): Span[] {
  const own = Object.entries(figures)
    .flatMap(([id, { median }]) => {
      const { phase, name } = describeMetric(id)
      const span = spanOf(name)
      return phase === share.phase && span !== null ? [{ name: label(span, 40), timeS: median }] : []
    })
    .toSorted((a, b) => b.timeS - a.timeS)
  const total = own.reduce((sum, { timeS }) => sum + timeS, 0)
  if (total > MAX_SPANNED * share.timeS) return []
  let from = share.from
  return own.map((span) => {
    const to = Math.min(share.to, from + ((share.to - share.from) * span.timeS) / share.timeS)
    const placed = { ...share, ...span, from, to }
    from = to
    return placed
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

function layOut(
  shares: readonly Share[][],
  spans: readonly Span[],
  hasReported: boolean,
  width: number,
): Layout {
  const flat = shares.flat()
  const rows = shares.map(([first]) => first!.row)
  const { marginLeft, y } = nameRows(rows, width)
  const room = width - marginLeft - 64
  const totals = shares.map((own) => ({
    row: own[0]!.row,
    timeS: own.reduce((sum, { timeS }) => sum + timeS, 0),
  }))
  return {
    innerHeight: 40 + rows.length * (spans.length ? SPANNED_BAR : BAR),
    marginLeft,
    marginRight: 64,
    legend: [
      ...PHASES.filter((phase) => flat.some((own) => own.phase === phase)).map((phase) => ({
        color: PHASE_COLORS[phase],
        symbol: 'square' as const,
        text: phase,
      })),
      ...(hasReported ? [{ color: 'none', symbol: 'square' as const, text: REPORTED_NOTE }] : []),
    ],
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
          `${row}\n${phase}: ${formatIn('s', timeS)}, ${showPercent(from, to, 1)}`,
      }),
      Plot.text(
        flat.filter(({ from, to }) => (to - from) * room > 44),
        {
          x: ({ from, to }: Share) => (from + to) / 2,
          y: 'row',
          fill: ({ phase }: Share) => PHASE_INKS[phase],
          text: ({ from, to }: Share) => showPercent(from, to),
          dy: spans.length ? -SPANNED_BAR / 5 : 0,
        },
      ),
      Plot.barX(spans, {
        x1: 'from',
        x2: 'to',
        y: 'row',
        className: 'spans',
        fill: 'white',
        fillOpacity: 0.82,
        insetTop: SPANNED_BAR / 2.6,
        insetBottom: 2,
        insetLeft: 1.5,
        insetRight: 0.5,
        title: ({ row, phase, name, timeS, from, to }: Span) =>
          `${row}\n${name} in ${phase}: ${formatIn('s', timeS)}, ${showPercent(from, to, 1)}`,
      }),
      Plot.text(
        spans.filter(({ name, from, to }) => (to - from) * room > name.length * LETTER_PX + 6),
        {
          x: ({ from, to }: Span) => (from + to) / 2,
          y: 'row',
          dy: SPANNED_BAR / 5,
          fontSize: 10,
          fill: '#1c2027',
          text: 'name',
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
  }
}
