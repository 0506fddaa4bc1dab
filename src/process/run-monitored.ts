import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { type FoundMonitor, MonitorClient } from './monitor-client.ts'
import type {
  EndedFrame,
  EvidenceFrame,
  Frame,
  MemoryFrame,
  MomentFrame,
  PagesFrame,
  PagesRequest,
  StartedFrame,
} from './monitor-protocol.ts'
import { getOrAdd } from '../row/collections.ts'
import type { RawEvidence } from '../row/disturbance.ts'
import type { RawMemory } from './memory.ts'
import type { Moment } from './moment.ts'
import type { ProcessEnd } from './outcome.ts'
import type { MeasuredSpec } from './spec.ts'

type UsableMonitor = Extract<FoundMonitor, { path: string }>

/** Monitors that wait for their next run, by the command that started them. */
const idle = new Map<string, MonitorClient[]>()

/** Runs a process as the monitor's child: exact peaks, the CPU time of the whole tree, and no process left behind. */
export async function runMonitored(monitor: UsableMonitor, options: MeasuredSpec): Promise<ProcessEnd> {
  const { client, giveBack } = takeClient(monitor, options.launcher)
  const cancel = () => client.end('cancelled')
  let started: StartedFrame | undefined
  const running = client.run(
    {
      file: options.file,
      args: options.args,
      env: Object.entries(options.env).flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}=${value}`],
      ),
      cwd: options.cwd,
      timeout_ms: options.timeoutMs ?? 0,
      memory_limit_mb: options.memoryLimitMb ?? 0,
      cpus: options.cpus ?? 0,
      grace_ms: options.graceMs,
      samples: options.onSample !== undefined,
      marks: options.marksDir ?? '',
      stamps: options.onMoment !== undefined,
    },
    (frame) => {
      if (frame.kind === 'started') {
        started = frame.started
        options.onStarted?.(started.pid)
      } else handOn(frame, options)
    },
  )
  options.signal?.addEventListener('abort', cancel)
  if (options.signal?.aborted) cancel()
  try {
    return endOf(await running)
  } catch (error) {
    // Behind a launcher its pids may be those of another machine.
    if (started && !options.launcher) killAbandoned(started)
    return lost(error as Error)
  } finally {
    options.signal?.removeEventListener('abort', cancel)
    giveBack()
  }
}

/**
 * Prepares files for the next run behind the same launcher.
 * @throws Error if the monitor is lost
 */
export async function settlePages(
  monitor: UsableMonitor,
  launcher: readonly string[] | undefined,
  request: PagesRequest,
): Promise<PagesFrame> {
  const { client, giveBack } = takeClient(monitor, launcher)
  try {
    return (await client.run(request)).pages!
  } finally {
    giveBack()
  }
}

/** A monitor that is idle, or else a new one; the last that was given back is taken first. */
function takeClient(monitor: UsableMonitor, launcher: readonly string[] = []) {
  const command = [...launcher, monitor.path, ...monitor.args]
  const waiting = getOrAdd(idle, JSON.stringify(command), () => [])
  const client = takeIdle(waiting) ?? new MonitorClient(command)
  const giveBack = () => {
    if (client.alive) waiting.push(client)
  }
  return { client, giveBack }
}

function takeIdle(waiting: MonitorClient[]): MonitorClient | undefined {
  const client = waiting.pop()
  return client && !client.alive ? takeIdle(waiting) : client
}

function handOn(frame: Frame, { onOutput, onSample, onMoment }: MeasuredSpec): void {
  if (frame.kind === 'output') onOutput(frame.chunk)
  if (frame.kind === 'moment') onMoment?.(momentOf(frame.moment))
  if (frame.kind !== 'sample') return
  const { elapsed_ms: elapsedMs, rss_mb: rssMb, peak_mb: peakMb } = frame.sample
  onSample?.({ elapsedMs, rssMb, peakMb })
}

function endOf(ended: EndedFrame): ProcessEnd {
  const { spawn_error } = ended
  return {
    facts: {
      exitCode: ended.exit_code,
      signal: nameSignal(ended.signal),
      cause: ended.cause,
      oomKilled: ended.oom_killed,
      limitBy: ended.limit_by,
      leftOver: ended.left_over,
      spawnError: spawn_error === undefined ? undefined : new Error(spawn_error),
    },
    wallMs: ended.wall_ms,
    cpuUserS: ended.cpu_user_s,
    cpuSysS: ended.cpu_sys_s,
    others: ended.evidence && evidenceOf(ended.evidence),
    memory: memoryOf(ended),
  }
}

function memoryOf(frame: MemoryFrame): RawMemory {
  return {
    hwmMb: frame.hwm_mb,
    hwmAtExit: frame.hwm_at_exit,
    single: frame.single,
    cgroupMb: frame.cgroup_mb,
    cgroupFileMb: frame.cgroup_file_mb,
    sharedMb: frame.shared_mb,
    heldMb: frame.held_mb,
    systemSharedMb: frame.system_shared_mb,
    sampledRssMb: frame.sampled_rss_mb,
    sampledPssMb: frame.sampled_pss_mb,
  }
}

function evidenceOf(frame: EvidenceFrame): RawEvidence {
  return {
    cpus: frame.cpus,
    busyS: frame.busy_s,
    stealS: frame.steal_s,
    throttledS: frame.throttled_s,
    runDelayS: frame.run_delay_s,
    runDelaySeen: frame.run_delay_seen,
    involuntarySwitches: frame.involuntary_switches,
  }
}

function momentOf(frame: MomentFrame): Moment {
  return {
    mark: frame.mark,
    elapsedS: frame.elapsed_ms / 1000,
    resumedS: frame.resumed_ms / 1000,
    resolutionS: frame.resolution_ms / 1000,
    cpuUserS: frame.cpu_user_s,
    cpuSysS: frame.cpu_sys_s,
    memory: memoryOf(frame),
    others: frame.evidence && evidenceOf(frame.evidence),
  }
}

function nameSignal(number: number | null): string | null {
  if (number === null) return null
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`
}

/** If somebody kills the monitor, its child dies with it and we have to end the rest of the tree. */
function killAbandoned({ pid, cgroup }: StartedFrame): void {
  const members = cgroup ? readMembers(cgroup) : []
  for (const target of [-pid, ...members]) {
    try {
      process.kill(target, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}

function readMembers(cgroup: string): number[] {
  try {
    return readFileSync(join(cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

function lost(error: Error): ProcessEnd {
  return { facts: { exitCode: null, signal: null, monitorLost: error }, wallMs: 0, memory: {} }
}
