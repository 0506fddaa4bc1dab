import { cleanText, formatFigure, formatMean, toAscii } from '../../render/format.ts'
import type { CardStyle } from '../../render/terminal.ts'
import type { SeriesRun } from './series.ts'
import type { SeriesSummary } from './summarize.ts'

/** Decimals of seconds and of MB at least. */
const SECONDS = 3
const MB = 1

/** A series as a person reads it. */
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
  const range = (figure: { best: number; worst: number }, digits: number) =>
    `best ${formatFigure(figure.best, digits)}, worst ${formatFigure(figure.worst, digits)}`
  const interval = time_s.median_interval
  const within = interval
    ? ` (95 %: ${formatFigure(interval.lo, SECONDS)} … ${formatFigure(interval.hi, SECONDS)})`
    : ''
  return [
    `  wall clock   ${formatMean(time_s, SECONDS)} s; ${range(time_s, SECONDS)}`,
    `  median       ${formatFigure(time_s.median, SECONDS)} s${within}`,
    `  CPU          ${formatFigure(cpu_user_s?.mean, SECONDS)} s user, ${formatFigure(cpu_sys_s?.mean, SECONDS)} s system`,
    ...(mem_mb
      ? [
          `  peak memory  ${formatMean(mem_mb, MB)} MB; ${range(mem_mb, MB)}; by ${summary.mem_sources.join(', ')}` +
            (summary.mem_lower_bound ? ', a lower bound' : ''),
        ]
      : []),
  ]
}

/** Each way in which runs failed, once, with the end of the output of the first of them. */
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
