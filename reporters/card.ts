import { createColors } from 'picocolors'
import stringWidth from 'fast-string-width'
import type { PointSummary } from '../src/row/aggregate.ts'
import { cleanText, formatBytes, formatCount, toAscii } from './format.ts'
import { renderPhaseTable } from './phase-table.ts'
import { describeControls, describeFailures, describeSampling, describeWarnings } from './remarks.ts'
import type { CardStyle } from './terminal.ts'

/** The card of one point: its phases as a table, then counters, sizes, where the figures come from, remarks. */
export function renderCard(point: PointSummary, style: CardStyle): string {
  const paint = createPaint(style)
  const { phases } = point
  return [
    paint('bold', titleOf(point)),
    renderPhaseTable(phases, style),
    ...[
      ...wrapItems('counters', listCounters(point), style.width),
      ...wrapItems('sizes', listSizes(point), style.width),
      ...wrapItems('figures', listSources(point), style.width),
      ...wrapItems('controls', phases.flatMap(describeControls), style.width),
      ...phases.flatMap(describeSampling),
    ].map((line) => paint(null, line)),
    ...phases.flatMap(describeFailures).map((line) => paint('red', line)),
    ...describeWarnings(point).map((line) => paint('yellow', line)),
  ].join('\n')
}

/** Gives text its colour, and its ASCII form before that, where the style asks for it. */
export function createPaint({ unicode, color }: CardStyle) {
  const colors = createColors(color)
  return (format: 'bold' | 'green' | 'red' | 'yellow' | null, text: string): string => {
    const shown = unicode ? text : toAscii(text)
    return format ? colors[format](shown) : shown
  }
}

export function titleOf({ point, track, prover, param_count }: PointSummary): string {
  const parts = [
    cleanText(point, 80),
    track && `track ${cleanText(track, 40)}`,
    prover && cleanText([prover.name, prover.version].filter(Boolean).join(' '), 60),
    param_count !== null && `${formatCount(param_count)} parameters`,
  ]
  return parts.filter((part) => typeof part === 'string').join(' · ')
}

function listCounters({ counters }: PointSummary): string[] {
  const { totalCost, ...others } = counters
  const ordered = Object.entries(totalCost ? { totalCost, ...others } : others)
  return ordered.map(([name, { max }]) => `${cleanText(name, 60)} ${formatCount(max)}`)
}

function listSizes({ sizes_bytes }: PointSummary): string[] {
  return Object.entries(sizes_bytes).map(([name, { min, max }]) => {
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

const INDENT = 10

/** `label     a · b · c`, on as many lines as the width needs. */
function wrapItems(label: string, items: readonly string[], width: number): string[] {
  const lines: string[] = []
  for (const item of items) {
    const last = lines.at(-1)
    if (last !== undefined && stringWidth(last) + 3 + stringWidth(item) <= width) {
      lines[lines.length - 1] = `${last} · ${item}`
    } else {
      lines.push((lines.length === 0 ? label : '').padEnd(INDENT) + item)
    }
  }
  return lines
}
