import { z } from 'zod'
import { type CardStyle, readCardStyle } from '../render/terminal.ts'
import { warnAboutMachine } from '../system/machine.ts'
import { cancelOnSignals, COMMON, defineCommand } from './command.ts'
import { Bench } from 'tinybench'
import { ProvemarkError } from '../errors.ts'
import { type ProcessOutcome, runProcess } from '../process/run-process.ts'
import type { Measurement } from '../row/schema.ts'
import { describe, estimateMedianInterval } from '../row/statistics/describe.ts'
import { findNoise } from '../row/statistics/noise.ts'
import { cleanText, formatFigure, formatMean, toAscii } from '../render/format.ts'

const schema = z.object({
  runs: z.int().min(1).describe('measured runs').default(10),
  warmup: z.int().min(0).describe('unmeasured runs before them').default(0),
  timeout_s: z.number().positive().describe('seconds after which a run is ended').optional(),
  memory_limit_mb: z.number().positive().describe('memory that a run may use, MB').optional(),
  json: COMMON.json,
})

export default defineCommand({
  description:
    'Measures wall clock, CPU time and peak memory of any command: npx provemark measure -- CMD ARGS',
  rest: { name: 'CMD ARGS…', description: 'the command to measure', required: true },
  options: schema,
  async run({ options, rest }) {
    const plan = { ...options, command: rest as [string, ...string[]] }
    const { signal, exitCode, release } = cancelOnSignals()
    const runs = await runSeries(plan, signal).finally(release)
    const summary = summarizeSeries(runs)
    if (options.json) {
      console.log(JSON.stringify({ command: plan.command, runs, summary }, null, 2))
    } else {
      console.log(renderSeries(plan.command, runs, summary, readCardStyle(process.stdout)))
      for (const warning of warnAboutMachine()) console.error(`warning: ${warning}`)
    }
    process.exitCode = exitCode() ?? (summary.failed ? 1 : 0)
  },
})

interface SeriesPlan extends z.output<typeof schema> {
  /** The program and its arguments. */
  command: readonly [string, ...string[]]
}

/** One run, with the field names of rows. */
type SeriesRun = Measurement &
  Pick<ProcessOutcome, 'status' | 'return_code' | 'signal' | 'error' | 'warnings'>

/**
 * Runs a command repeatedly, one run at a time. Failed runs are returned too.
 * @throws ProvemarkError SPAWN_FAILED if the command cannot be started at all
 */
async function runSeries(plan: SeriesPlan, signal: AbortSignal): Promise<SeriesRun[]> {
  const runs: SeriesRun[] = []
  const bench = new Bench({
    iterations: plan.runs,
    time: 0,
    warmup: plan.warmup > 0,
    warmupIterations: plan.warmup,
    warmupTime: 0,
    throws: true,
    signal,
  })
  const runOnce = async () => {
    const run = await runCommand(plan, signal)
    if (run.error?.code === 'SPAWN_FAILED')
      throw new ProvemarkError('SPAWN_FAILED', run.error.message, { hint: 'check the command and its path' })
    // tinybench may call once more after it was told to stop.
    if (run.status !== 'cancelled') runs.push(run)
    return run.time_s == null ? undefined : { overriddenDuration: run.time_s * 1000 }
  }
  const forgetWarmup = (mode?: 'run' | 'warmup') => {
    if (mode === 'run') runs.length = 0
  }
  bench.add(plan.command.join(' '), runOnce, { async: true, beforeAll: forgetWarmup })
  await bench.run()
  return runs
}

async function runCommand(
  { command, timeout_s, memory_limit_mb }: SeriesPlan,
  signal: AbortSignal,
): Promise<SeriesRun> {
  const [file, ...args] = command
  const { measurement, ...ended } = await runProcess({
    file,
    args,
    cwd: process.cwd(),
    signal,
    timeoutMs: timeout_s === undefined ? undefined : timeout_s * 1000,
    memoryLimitMb: memory_limit_mb,
  })
  const { return_code, status, error, warnings } = ended
  return { ...measurement, return_code, signal: ended.signal, status, error, warnings }
}

/** Summary of a series of runs: statistics of the successful runs, and the number of failures. */
function summarizeSeries(runs: readonly SeriesRun[]) {
  const good = runs.filter(({ status }) => status === 'ok')
  const figure = (field: 'time_s' | 'cpu_user_s' | 'cpu_sys_s' | 'mem_mb') => {
    const samples = good.flatMap((run) => run[field] ?? [])
    const description = describe(samples)
    return description && { ...description, median_interval: estimateMedianInterval(samples) }
  }
  return {
    n: good.length,
    failed: runs.length - good.length,
    time_s: figure('time_s'),
    cpu_user_s: figure('cpu_user_s'),
    cpu_sys_s: figure('cpu_sys_s'),
    /** `worst` is the highest peak of all runs. */
    mem_mb: figure('mem_mb'),
    mem_sources: [...new Set(good.flatMap(({ mem_source }) => mem_source ?? []))],
    mem_lower_bound: good.some(({ mem_lower_bound }) => mem_lower_bound),
    warnings: findNoise(good.flatMap(({ time_s }) => time_s ?? [])),
  }
}

type SeriesSummary = ReturnType<typeof summarizeSeries>

/** Formats a series for people. */
function renderSeries(
  command: readonly string[],
  runs: readonly SeriesRun[],
  summary: SeriesSummary,
  { unicode }: Pick<CardStyle, 'unicode'>,
): string {
  const lines = [
    cleanText(command.join(' ')),
    ...renderFigures(summary),
    `  runs         ${summary.n} succeeded${summary.failed ? `, ${summary.failed} did not` : ''}`,
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
