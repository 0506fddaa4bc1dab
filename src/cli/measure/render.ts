import { cleanText, formatFigure, formatMean, toAscii } from '../../render/format.ts'
import type { CardStyle } from '../../render/terminal.ts'
import type { SeriesRun } from './series.ts'
import type { SeriesSummary } from './summarize.ts'

/** Formats a series for people. */
export function renderSeries(
  command: readonly string[],
  runs: readonly SeriesRun[],
  summary: SeriesSummary,
  { unicode }: Pick<CardStyle, 'unicode'>,
): string {
  const lines = [
    cleanText(command.join(' ')),
    ...renderFigures(summary),
    `  runs         ${summary.n} ended well${summary.failed ? `, ${summary.failed} did not` : ''}`,
    ...renderErrors(runs),
    ...runs.flatMap(({ warnings }) => warnings).map((warning) => `  warning      ${warning}`),
    ...summary.warnings.map(({ message }) => `  warning      ${message}`),
  ]
  return (unicode ? lines : lines.map(toAscii)).join('\n')
}

function renderFigures({ time_s, cpu_user_s, cpu_sys_s, mem_mb, ...summary }: SeriesSummary): string[] {
  if (!time_s) return []
  const range = (figure: { best: number; worst: number }, unit: 's' | 'MB') =>
    `best ${formatFigure(figure.best, unit)}, worst ${formatFigure(figure.worst, unit)}`
  const interval = time_s.median_interval
  const within = interval
    ? ` (95 %: ${formatFigure(interval.lo, 's')} … ${formatFigure(interval.hi, 's')})`
    : ''
  return [
    `  wall clock   ${formatMean(time_s, 's')} s; ${range(time_s, 's')}`,
    `  median       ${formatFigure(time_s.median, 's')} s${within}`,
    `  CPU          ${formatFigure(cpu_user_s?.mean, 's')} s user, ${formatFigure(cpu_sys_s?.mean, 's')} s system`,
    ...(mem_mb
      ? [
          `  peak memory  ${formatMean(mem_mb, 'MB')} MB; ${range(mem_mb, 'MB')}; by ${summary.mem_sources.join(', ')}` +
            (summary.mem_lower_bound ? ', a lower bound' : ''),
        ]
      : []),
  ]
}

/** Each kind of failure once, with the end of the output of its first run. */
function renderErrors(runs: readonly SeriesRun[]): string[] {
  const first = new Map(
    runs.flatMap(({ error }) => (error ? [[error.message, error] as const] : [])).toReversed(),
  )
  return [...first.values()].toReversed().flatMap(({ code, message, tail }) => [
    `  ${code}: ${cleanText(message, 500)}`,
    ...tail
      .split('\n')
      .filter(Boolean)
      .map((line) => `    ${cleanText(line, 500)}`),
  ])
}
