import { describeOccasion } from '../reliability/block.ts'
import { renderTable } from '../docs/table.ts'
import { growthOf, type Growth } from './judge.ts'
import type { SoakResult } from './run.ts'

/** The result of a soak as Markdown. */
export async function renderSoak(result: SoakResult, faults: readonly string[]): Promise<string> {
  const { account, footprints, seconds, seed, survivors, leftOver } = result
  const statuses = Object.entries(account.statuses).map(([status, count]) => `${count} ${status}`)
  const grew = (read: Parameters<typeof growthOf>[1], unit: string) =>
    describeGrowth(growthOf(footprints, read), unit)
  const rows = [
    ['time', `${(seconds / 60).toFixed(1)} minutes, seed ${seed}`],
    ['phases that the provers noted', String(account.started)],
    ['rows', `${account.rows}: ${statuses.join(', ')}`],
    [
      'starts without a row, rows without a start',
      `${account.missing.length}, ${account.unexplained.length}`,
    ],
    ['lines that are not rows', String(account.unreadable)],
    ["memory of Vitest's main process", grew(({ mainMb }) => mainMb, 'MB')],
    ['memory of the worker that runs the phases', grew(({ workerMb }) => workerMb, 'MB')],
    ['open handles of both', grew(({ handles }) => handles, '')],
    ['processes alive 2 s after the end', String(survivors.length)],
    ['files left in the work folder', String(leftOver.length)],
  ]
  const verdict = faults.length ? `**Faults:** ${faults.join('; ')}.` : 'No faults.'
  return [await describeOccasion(), '', renderTable(['what', 'figure'], rows), '', verdict].join('\n')
}

function describeGrowth({ early, late }: Growth, unit: string): string {
  return `${Math.round(early)} → ${Math.round(late)} ${unit} (second quarter → last quarter, medians)`.replace(
    '  ',
    ' ',
  )
}
