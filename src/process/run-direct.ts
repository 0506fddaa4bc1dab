import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { HAS_PROC, signalAll } from '../system/proc.ts'
import { type EndCause, type ProcessEnd, watchLimits } from './outcome.ts'
import { PidusageSampler, TreeSampler } from './samplers.ts'
import type { MeasuredSpec } from './spec.ts'

const SAMPLE_INTERVAL_MS = 20
/** How long to wait for output after the process has ended and its tree was killed. */
const DRAIN_MS = 500

/**
 * Runs a process as our own child, if there is no monitor. Uses `spawn` because execa adds about 0.8 ms per process
 * for buffers and results that bounded output does not need.
 */
export async function runDirect(options: MeasuredSpec): Promise<ProcessEnd> {
  const startMs = performance.now()
  const elapsedMs = () => performance.now() - startMs
  let child: ChildProcess
  try {
    child = await start(options)
  } catch (error) {
    return {
      facts: { exitCode: null, signal: null, spawnError: error as Error },
      wallMs: elapsedMs(),
      memory: {},
    }
  }
  options.onStarted?.(child.pid!)
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>
  const closed = once(child, 'close')
  const sampler = HAS_PROC ? new TreeSampler(child.pid!) : new PidusageSampler(child.pid!)
  const tree = makeTermination(child.pid!, () => sampler.living(), options.graceMs)
  const sample = () => {
    sampler.sample()
    if (sampler.rssMb > (options.memoryLimitMb ?? Infinity)) tree.end('memory_limit')
    options.onSample?.({ elapsedMs: elapsedMs(), rssMb: sampler.rssMb, peakMb: sampler.peakRssMb })
  }
  sample()
  const sampling = setInterval(sample, SAMPLE_INTERVAL_MS)
  const stopWatching = watchLimits(options, (cause) => tree.end(cause))
  const [exitCode, signal] = await exited
  const wallMs = elapsedMs()
  clearInterval(sampling)
  stopWatching()
  tree.killRest()
  await Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })])
  child.stdout!.destroy()
  child.stderr!.destroy()
  const { user, sys } = sampler.cpuS()
  const facts = { exitCode, signal, cause: tree.cause() }
  return { facts, wallMs, cpuUserS: user, cpuSysS: sys, memory: sampler.memory() }
}

/** The running child, or an error that says why there is none. */
async function start({ file, args, env, cwd, onOutput }: MeasuredSpec): Promise<ChildProcess> {
  // In a separate process group; on Windows that would open a console window.
  const child = spawn(file, args, {
    cwd,
    env,
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.on('data', onOutput)
  child.stderr.on('data', onOutput)
  await once(child, 'spawn')
  return child
}

/** Ends a process group and every other known process of its tree: SIGTERM, then SIGKILL after a grace period. */
function makeTermination(groupId: number, listLiving: () => number[], graceMs: number) {
  let cause: EndCause | undefined
  let escalation: NodeJS.Timeout | undefined
  const signalTree = (signal: NodeJS.Signals) =>
    // The signal to the group also reaches its first process, which would take a second signal for a second request.
    signalAll([-groupId, ...listLiving().filter((pid) => pid !== groupId)], signal)
  return {
    /** Why it was ended: the first reason counts. */
    cause: () => cause,
    end(why: EndCause): void {
      if (cause) return
      cause = why
      // Windows has neither signals nor groups; its own tool ends a process and all its descendants.
      if (process.platform === 'win32') return endOnWindows(groupId)
      signalTree('SIGTERM')
      escalation = setTimeout(signalTree, graceMs, 'SIGKILL')
    },
    /** No process may outlive the main process of a phase. */
    killRest(): void {
      clearTimeout(escalation)
      // On Windows the pid of a process that has ended may soon be reused.
      if (process.platform !== 'win32') signalTree('SIGKILL')
    },
  }
}

function endOnWindows(pid: number): void {
  execFile('taskkill', ['/pid', String(pid), '/t', '/f'], () => {
    // It has ended by itself.
  })
}
