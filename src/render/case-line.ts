import stringWidth from 'fast-string-width'
import { cleanText, cutToWidth, formatFigure } from './format.ts'
import { createLinePaint } from './table.ts'
import { createPaint, type CardStyle } from './terminal.ts'

/** Times over the iterations of a phase, s. */
export interface CaseTimes {
  /** The prover if several alternate; empty if there is only one. */
  label: string
  medianS: number
  minS: number
  maxS: number
  /** Iterations. */
  n: number
}

export interface CaseLine {
  point: string
  phase: string
  state: 'passed' | 'failed' | 'skipped'
  times: readonly CaseTimes[]
  /** What failed, or why the case was skipped. */
  note?: string | undefined
}

const MARKS = { passed: '✓', failed: '✗', skipped: '↓' } as const
const NOTE_WIDTH = 300

/**
 * ` ✓ lenet › prove median 0.469 s, 0.467 to 0.790 s, n 3`. A narrow terminal loses the name of the point first, then
 * the range. A failure is never cut.
 */
export function renderCaseLine({ point, phase, state, times, note }: CaseLine, style: CardStyle): string {
  const paint = createPaint(style)
  const name = `${cleanText(point, 80)} › ${phase}`
  if (state !== 'passed' || !times.length) {
    const text = [name, note && cleanText(note, NOTE_WIDTH)].filter(Boolean).join('  ')
    const format = state === 'failed' ? 'red' : null
    return createLinePaint(style)(format, ` ${MARKS[state]} ${text}`).join('\n')
  }
  const room = style.width - ' ✓ '.length
  const lines = [
    `${name.padEnd(name.length + 'compile'.length - phase.length)}  ${describeTimes(times, describeFully)}`,
    `${phase.padEnd('compile'.length)}  ${describeTimes(times, describeFully)}`,
    `${phase}  ${describeTimes(times, describeBriefly)}`,
  ]
  const fitting = lines.find((line) => stringWidth(style.unicode ? line : paint(null, line)) <= room)
  return `${paint('green', ` ${MARKS.passed}`)} ${paint(null, fitting ?? cutToWidth(lines.at(-1)!, room))}`
}

function describeTimes(times: readonly CaseTimes[], describe: (own: CaseTimes) => string): string {
  return times.map((own) => `${own.label && `${cleanText(own.label, 40)} `}${describe(own)}`).join(' · ')
}

function describeFully({ medianS, minS, maxS, n }: CaseTimes): string {
  if (n === 1) return `${formatFigure(medianS, 's')} s, n 1`
  return `median ${formatFigure(medianS, 's')} s, ${formatFigure(minS, 's')} to ${formatFigure(maxS, 's')} s, n ${n}`
}

function describeBriefly({ medianS, n }: CaseTimes): string {
  return `${n === 1 ? '' : 'median '}${formatFigure(medianS, 's')} s`
}
