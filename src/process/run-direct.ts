import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { HAS_PROC } from '../system/proc.ts'
import { PidusageSampler } from './pidusage-sampler.ts'
import { TreeSampler } from './tree-sampler.ts'
import { watchLimits, type ProcessEnd, type RunOptions } from './run-options.ts'
import { Termination } from './terminate.ts'

const SAMPLE_INTERVAL_MS = 20
/** How long output may still come in after the process has ended and its tree was killed. */
const DRAIN_MS = 500

/**
 * Runs a process as our own child, where there is no monitor. `spawn` itself, since execa adds about 0.8 ms to
 * every process, for buffers and results that bounded output has no use for.
 */
export async function runDirect(options: RunOptions): Promise<ProcessEnd> {
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
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>
  const closed = once(child, 'close')
  const sampler = HAS_PROC ? new TreeSampler(child.pid!) : new PidusageSampler(child.pid!)
  const tree = new Termination(child.pid!, () => sampler.living(), options.graceMs)
  const stopSampling = sampleRegularly(() => {
    sampler.sample()
    if (sampler.rssMb > (options.memoryLimitMb ?? Infinity)) tree.end('memory_limit')
    options.onSample?.({ elapsedMs: elapsedMs(), rssMb: sampler.rssMb, peakMb: sampler.peakRssMb })
  })
  const stopWatching = watchLimits(options, (cause) => tree.end(cause))
  const [exitCode, signal] = await exited
  const wallMs = elapsedMs()
  stopSampling()
  stopWatching()
  tree.killRest()
  await Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })])
  child.stdout!.destroy()
  child.stderr!.destroy()
  const { user, sys } = sampler.cpuS()
  const facts = { exitCode, signal, cause: tree.cause }
  return { facts, wallMs, cpuUserS: user, cpuSysS: sys, memory: sampler.memory() }
}

/** The running child, or an error that says why there is none. */
async function start({ file, args, env, cwd, onOutput }: RunOptions): Promise<ChildProcess> {
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.on('data', onOutput)
  child.stderr.on('data', onOutput)
  await once(child, 'spawn')
  return child
}

function sampleRegularly(sample: () => void): () => void {
  sample()
  const timer = setInterval(sample, SAMPLE_INTERVAL_MS)
  return () => clearInterval(timer)
}
