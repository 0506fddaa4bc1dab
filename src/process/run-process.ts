import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { findMonitor } from './monitor-client.ts'
import { chooseMemory, warnOfMemory } from './memory.ts'
import { judgeOthers } from '../row/disturbance.ts'
import type { Measurement } from '../row/schema.ts'
import type { ErrorCode } from '../errors.ts'
import { findFailedAllocation, judgeExit, type Judged, type ProcessEnd } from './outcome.ts'
import { OutputCollector } from './output.ts'
import { runMonitored } from './run-monitored.ts'
import type { MeasuredSpec, ProcessSpec } from './spec.ts'

const GRACE_MS = 2000

export interface ProcessOutcome {
  status: Judged['status']
  /** Null if a signal ended it or nothing ran. */
  return_code: number | null
  signal: string | null
  /** stdout and stderr in order: at most the first 256 KB, the last 1 MB and the lines kept from the middle. */
  output: string
  /** The last lines for people to read: without colours, and with progress bars in their last state. */
  tail: string
  measurement: Measurement
  error: { code: ErrorCode; message: string; tail: string } | null
  /** What a reader of the figures should know in addition to the error. */
  warnings: string[]
}

/** The outcome of a process that ended well but whose results are unusable. */
export function asFailed(outcome: ProcessOutcome, code: ErrorCode, message: string): ProcessOutcome {
  return { ...outcome, status: 'failed', error: { code, message, tail: outcome.tail } }
}

/**
 * Runs one process to its end and measures it. Whatever happens to the process is an outcome, never a throw. When the
 * promise settles, no process of its tree is left.
 */
export async function runProcess(spec: ProcessSpec): Promise<ProcessOutcome> {
  const output = new OutputCollector(spec)
  const options: MeasuredSpec = {
    ...spec,
    env: { ...process.env, ...spec.env, ...marksEnvironment(spec) },
    graceMs: spec.graceMs ?? GRACE_MS,
    onOutput: (chunk) => {
      output.write(chunk)
      spec.onOutput?.(chunk)
    },
  }
  const end = await runMeasured(options)
  output.end()
  const { status, error } = judgeExit(spec.file, await explainFailure(spec, end, output), spec)
  const tail = output.tail()
  const ran = !end.facts.spawnError && !end.facts.monitorLost
  return {
    status,
    return_code: end.facts.exitCode,
    signal: end.facts.signal,
    output: output.text(),
    tail,
    measurement: {
      time_s: ran ? end.wallMs / 1000 : null,
      cpu_user_s: end.cpuUserS ?? null,
      cpu_sys_s: end.cpuSysS ?? null,
      ...chooseMemory(end.memory),
      ...describeOthers(end),
    },
    error: error && { ...error, tail },
    warnings: [...warnOfLeftOvers(spec, end), ...warnOfMemory(end.memory), ...output.warnings()],
  }
}

function describeOthers({ others, wallMs, cpuUserS = 0, cpuSysS = 0 }: ProcessEnd): Partial<Measurement> {
  return others ? judgeOthers(others, { wallS: wallMs / 1000, cpuS: cpuUserS + cpuSysS }) : {}
}

async function runMeasured(options: MeasuredSpec): Promise<ProcessEnd> {
  const monitor = await findMonitor()
  if ('path' in monitor) return runMonitored(monitor, options)
  const { launcher, cpus, onMoment } = options
  // Loaded only if there is no monitor.
  if (!launcher && !cpus && !onMoment) return (await import('./run-direct.ts')).runDirect(options)
  const what = onMoment
    ? 'tells the phases of one process apart'
    : launcher
      ? `measures behind ${launcher[0]}`
      : 'holds a process to some CPUs'
  const spawnError = new Error(`only the monitor ${what}: ${monitor.missing}`)
  return { facts: { exitCode: null, signal: null, spawnError }, wallMs: 0, memory: {} }
}

function marksEnvironment({ marksDir }: ProcessSpec): Record<string, string> {
  if (marksDir === undefined) return {}
  return { PROVEMARK_MARKS: join(marksDir, 'provemark-marks'), PROVEMARK_GO: join(marksDir, 'provemark-go') }
}

function warnOfLeftOvers({ file }: ProcessSpec, { facts: { leftOver = 0 } }: ProcessEnd): string[] {
  if (leftOver === 0) return []
  const processes = leftOver === 1 ? '1 process' : `${leftOver} processes`
  return [`${processes} outlived ${file} and had to be killed`]
}

/** Explanations that the system's error and the exit code do not give. */
async function explainFailure(
  spec: ProcessSpec,
  { facts }: ProcessEnd,
  output: OutputCollector,
): Promise<ProcessEnd['facts']> {
  const { spawnError, monitorLost, exitCode, signal } = facts
  // Behind a launcher the process may be on another machine and cannot be inspected here.
  const isHere = spec.launcher === undefined
  if (spawnError) {
    const why = isHere ? await explainSpawn(spec) : undefined
    return why
      ? { ...facts, spawnError: new Error(`${why} (${spawnError.message})`, { cause: spawnError }) }
      : facts
  }
  if (monitorLost || (exitCode === 0 && !signal)) return facts
  const exitReason = isHere && (exitCode === 126 || exitCode === 127) ? await explainSpawn(spec) : undefined
  const failedAllocation = findFailedAllocation(stripVTControlCharacters(output.text()))
  return { ...facts, exitReason, failedAllocation }
}

/** Loaded only when needed. */
async function explainSpawn(spec: ProcessSpec): Promise<string | undefined> {
  return (await import('./explain-spawn.ts')).explainSpawn(spec)
}
