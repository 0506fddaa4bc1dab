import { PHASES } from '../row/phases.ts'
import { listDifferences, whyNoBest } from '../row/proved.ts'
import type { PhaseSummary, PointSummary } from '../row/summary.ts'
import { cleanText, formatBytes, formatFigure } from './format.ts'
import { type Column, columnsOf, fitColumns, measureTable, renderTable, WRAP, wrapText } from './table.ts'
import { createPaint, type CardStyle } from './terminal.ts'

/** A figure and how far it may be off; without ends it is never called the best. */
interface Value {
  value: number
  lo: number | undefined
  hi: number | undefined
}

/** One figure per prover; smaller is better. */
interface Line {
  name: string
  values: (Value | null | undefined)[]
  format: (value: number) => string
}

/**
 * Variants of provers side by side, with one table for each point that several of them ran: time and peak memory of each phase and
 * the proof size, with ratios to the first prover; the best value is marked where there is evidence for it. Empty if
 * nothing can be compared.
 */
export function renderProverComparison(points: readonly PointSummary[], style: CardStyle): string {
  const paint = createPaint(style)
  const groups = Map.groupBy(points, ({ clock, track, point }) => JSON.stringify([clock, track, point]))
  return [...groups.values()]
    .filter((group) => new Set(group.map(nameOf)).size > 1)
    .map((group) => {
      const title = `${cleanText(group[0]!.point, 80)} · ${group.map(nameOf).join(' against ')}`
      return [
        ...wrapText(title, style.width).map((line) => paint('bold', line)),
        ...fitTables(layOut(group), style),
        ...wrapText(describeMarks(group), style.width),
        ...describeClaims(group).flatMap((line) => wrapText(line, style.width)),
      ].join('\n')
    })
    .join('\n\n')
}

/** One table, or several on a narrow terminal. Each includes the first prover, which the ratios refer to. */
function fitTables([lines, first, ...others]: Column[], style: CardStyle): string[] {
  for (let count = others.length; count > 0; count--) {
    const tables = Array.from({ length: Math.ceil(others.length / count) }, (_, i) => [
      lines!,
      first!,
      ...others.slice(i * count, (i + 1) * count),
    ])
    const widest = Math.max(...tables.map((table) => measureTable(table, style.unicode)))
    if (widest > style.width && count > 1) continue
    return tables.map((table) => renderTable(fitColumns(table, style, [WRAP]), style.unicode))
  }
  return []
}

/** A ratio between provers that prove different things says nothing about which is better. */
function describeClaims(group: readonly PointSummary[]): string[] {
  const claims = group.map((point) => ({ name: nameOf(point), security: point.security }))
  const differences = listDifferences(claims)
  return differences.length ? [`they prove different things: ${differences.join('; ')}`] : []
}

const claimOf = ({ prover, security, run_ids, side }: PointSummary) => ({
  prover: prover?.name,
  security,
  run_ids,
  side,
})

function describeMarks(group: readonly PointSummary[]): string {
  const why = whyNoBest(group.map(claimOf))
  const marks = why
    ? `no best is marked, because ${why}`
    : '* best of its line, where its interval over iterations lies apart from the others'
  return `x: times the first prover; ${marks}`
}

function layOut(group: readonly PointSummary[]): Column[] {
  const column = columnsOf(listLines(group))
  const canMark = whyNoBest(group.map(claimOf)) === null
  return [
    column('left', '', ({ name }) => name),
    ...group.map((point, index) => column('right', nameOf(point), (line) => showValue(line, index, canMark))),
  ]
}

function listLines(group: readonly PointSummary[]): Line[] {
  const perPhase = (unit: 's' | 'MB', read: (summary: PhaseSummary) => Value | null) =>
    PHASES.map((phase) => ({
      name: `${phase} (${unit})`,
      values: group.map(({ phases }) => phases.filter((own) => own.phase === phase).map(read)[0]),
      format: (value: number) => formatFigure(value, unit),
    }))
  return [
    ...perPhase(
      's',
      ({ time_s, time_s_interval: ends }) => time_s && { value: time_s.mean, lo: ends?.lo, hi: ends?.hi },
    ),
    ...perPhase('MB', ({ mem_mb }) => mem_mb && { value: mem_mb.worst, lo: mem_mb.best, hi: mem_mb.worst }),
    {
      name: 'proof',
      values: group.map(
        ({ sizes_bytes: { proof } }) => proof && { value: proof.max, lo: proof.min, hi: proof.max },
      ),
      format: formatBytes,
    },
  ].filter(({ values }) => values.some(Boolean))
}

/** `4.282 1.84x *`: the figure, its ratio to the first prover's, and a star if it is the best of several. */
function showValue({ values, format }: Line, index: number, canMark: boolean): string {
  const own = values[index]
  if (!own) return '—'
  const { value, hi } = own
  const first = values[0]?.value
  const others = values.filter((other) => other && other !== own)
  const isBest =
    canMark &&
    others.length > 0 &&
    others.every((other) => hi !== undefined && other!.lo !== undefined && hi < other!.lo)
  const ratio =
    index > 0 && first !== undefined && first > 0 ? ` ${formatFigure(value / first, 'plain')}x` : ''
  return `${format(value)}${ratio} ${isBest ? '*' : ' '}`
}

function nameOf({ label }: PointSummary): string {
  return cleanText(label ?? 'unknown prover', 40)
}
