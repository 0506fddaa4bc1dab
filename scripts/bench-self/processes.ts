import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { runProcess, type ProcessOutcome } from '../../src/process/run-process.ts'
import type { Context } from './benchmark.ts'

export interface CommandToRun {
  file: string
  args: readonly string[]
  cwd?: string
  env?: Record<string, string>
}

export interface Ran {
  timeS: number
  memMb: number
  cpuS: number
  output: string
}

/** Runs a command to its end and measures it; an unexpected exit code throws with its output. */
export async function runMeasured(
  { file, args, cwd = process.cwd(), env }: CommandToRun,
  expected: readonly number[] = [0],
): Promise<Ran> {
  const outcome = await runProcess({ file, args: [...args], cwd, ...(env ? { env } : {}) })
  if (!expected.includes(outcome.return_code ?? -1)) throw new Error(explain(file, args, outcome))
  const { time_s, mem_mb, cpu_user_s, cpu_sys_s } = outcome.measurement
  return {
    timeS: time_s!,
    memMb: mem_mb!,
    cpuS: cpu_user_s! + cpu_sys_s!,
    output: outcome.output,
  }
}

/** The packaged command, as started by `npx provemark`. */
export function provemarkCommand({ root, dir }: Pick<Context, 'root' | 'dir'>, args: string[]): CommandToRun {
  return { file: process.execPath, args: [join(root, 'dist/cli.js'), ...args], cwd: dir }
}

function explain(file: string, args: readonly string[], { return_code, signal, tail }: ProcessOutcome) {
  return `${[file, ...args].join(' ')} ended with ${signal ?? return_code}:\n${tail}`
}

/** Runs both sides alternately, ABBA, after one round that is not counted. */
export async function takeTurns<Sample>(
  rounds: number,
  ours: () => Promise<Sample>,
  other: () => Promise<Sample>,
): Promise<{ ours: Sample[]; other: Sample[] }> {
  const samples: { ours: Sample[]; other: Sample[] } = { ours: [], other: [] }
  await ours()
  await other()
  for (let round = 0; round < rounds; round++) {
    if (round % 2) {
      samples.other.push(await other())
      samples.ours.push(await ours())
    } else {
      samples.ours.push(await ours())
      samples.other.push(await other())
    }
  }
  return samples
}

/** Milliseconds that a call takes. */
export async function timeMs(action: () => unknown): Promise<number> {
  const start = performance.now()
  await action()
  return performance.now() - start
}
