import type { PointSummary } from '../row/aggregate.ts'
import { cleanText, formatBytes } from './format.ts'
import { formatCount } from '../row/metrics.ts'
import { renderPhaseTable } from './phase-table.ts'
import {
  describeControls,
  describeControlsBriefly,
  describeFailures,
  describeSampling,
  describeWarnings,
} from './remarks.ts'
import { wrapItems } from './table.ts'
import { createPaint, type CardStyle } from './terminal.ts'

interface CardOptions {
  /** One line each for counters and sizes, no frame, sources only where they are unusual: for a run of many points. */
  brief?: boolean
}

/** The card of one point: a table of its phases, then counters, sizes, the sources of the figures, remarks. */
export function renderCard(
  point: PointSummary,
  style: CardStyle,
  { brief = false }: CardOptions = {},
): string {
  const paint = createPaint(style)
  const { phases } = point
  const wrap = (label: string, items: readonly string[]) => wrapItems(label, items, style.width)
  const counters = listCounters(point)
  const isUsual = point.clock === 'wall' && !phases.some(({ mem_lower_bound }) => mem_lower_bound)
  return [
    ...wrap('', titleOf(point)).map((line) => paint('bold', line)),
    renderPhaseTable(phases, style, { isFramed: !brief }),
    ...[
      ...(brief ? shortenItems('counters', counters, style.width) : wrap('counters', counters)),
      ...(brief
        ? shortenItems('sizes', listSizes(point, 'proof'), style.width)
        : wrap('sizes', listSizes(point))),
      ...(brief && isUsual ? [] : wrap('figures', listSources(point))),
      ...wrap('controls', phases.flatMap(brief ? describeControlsBriefly : describeControls)),
      ...phases.flatMap(describeSampling),
    ].map((line) => paint(null, line)),
    ...phases.flatMap(describeFailures).map((line) => paint('red', line)),
    ...describeWarnings(point).map((line) => paint('yellow', line)),
  ].join('\n')
}

function titleOf({ point, track, prover, param_count }: PointSummary): string[] {
  const parts = [
    cleanText(point, 80),
    track && `track ${cleanText(track, 40)}`,
    prover && cleanText([prover.name, prover.version].filter(Boolean).join(' '), 60),
    param_count !== null && `${formatCount(param_count)} parameters`,
  ]
  return parts.filter((part) => typeof part === 'string')
}

function listCounters({ counters }: PointSummary): string[] {
  const { totalCost, ...others } = counters
  const ordered = Object.entries(totalCost ? { totalCost, ...others } : others)
  return ordered.map(([name, { max }]) => `${cleanText(name, 60)} ${formatCount(max)}`)
}

function listSizes({ sizes_bytes }: PointSummary, first?: string): string[] {
  const sizes = Object.entries(sizes_bytes).toSorted(([a], [b]) => Number(b === first) - Number(a === first))
  return sizes.map(([name, { min, max }]) => {
    const [least, most] = [formatBytes(min), formatBytes(max)]
    return `${cleanText(name, 60)} ${least === most ? most : `${least} to ${most}`}`
  })
}

function listSources({ clock, phases }: PointSummary): string[] {
  const time = clock === 'wall' ? 'wall clock' : "the prover's own (rows without time_source)"
  const sources = new Set(phases.flatMap(({ mem_sources }) => mem_sources))
  const lower = phases.filter(({ mem_lower_bound }) => mem_lower_bound).map(({ phase }) => phase)
  return [
    `time: ${time}`,
    ...(sources.size > 0 ? [`memory: ${cleanText([...sources].join(', '))}`] : []),
    ...(lower.length > 0 ? [`memory of ${lower.join(', ')} may have missed a peak`] : []),
  ]
}

/** The same on one line: as many items as fit, and how many are left out. */
function shortenItems(label: string, items: readonly string[], width: number): string[] {
  for (let count = items.length; count > 1; count--) {
    const more = items.length - count
    const shown = [...items.slice(0, count), ...(more ? [`${more} more`] : [])]
    const lines = wrapItems(label, shown, width)
    if (lines.length === 1) return lines
  }
  return wrapItems(label, items.slice(0, 1), width)
}
