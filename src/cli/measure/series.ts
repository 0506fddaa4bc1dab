import { Bench } from 'tinybench'
import { ProvemarkError } from '../../errors.ts'
import { runProcess, type ProcessOutcome } from '../../process/run-process.ts'
import type { Measurement } from '../../row/schema.ts'

interface SeriesPlan {
  /** The program and its arguments. */
  command: readonly [string, ...string[]]
  runs: number
  warmup: number
  timeout_s?: number | undefined
  memory_limit_mb?: number | undefined
}

/** One run, with the field names of rows. */
export type SeriesRun = Measurement &
  Pick<ProcessOutcome, 'status' | 'return_code' | 'signal' | 'error' | 'warnings'>

/**
 * Runs a command repeatedly, one run at a time. Failed runs are returned too.
 * @throws ProvemarkError SPAWN_FAILED if the command cannot be started at all
 */
export async function runSeries(plan: SeriesPlan, signal: AbortSignal): Promise<SeriesRun[]> {
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
    if (run.error?.code === 'SPAWN_FAILED') throw cannotStart(run.error.message)
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
  const {
    measurement,
    status,
    return_code,
    signal: endedBy,
    error,
    warnings,
  } = await runProcess({
    file,
    args,
    cwd: process.cwd(),
    signal,
    ...(timeout_s === undefined ? {} : { timeoutMs: timeout_s * 1000 }),
    ...(memory_limit_mb === undefined ? {} : { memoryLimitMb: memory_limit_mb }),
  })
  return { ...measurement, return_code, signal: endedBy, status, error, warnings }
}

function cannotStart(message: string): ProvemarkError {
  return new ProvemarkError('SPAWN_FAILED', message, { hint: 'check the command and its path' })
}
