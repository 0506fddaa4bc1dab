import { constants } from 'node:os'
import { join } from 'node:path'
import { type FoundMonitor, MonitorClient } from './monitor-client.ts'
import type { EndedFrame, PagesFrame, PagesRequest, StartedFrame } from './monitor-protocol.ts'
import { getOrAdd } from '../row/collections.ts'
import type { ProcessEnd } from './outcome.ts'
import type { MeasuredSpec } from './spec.ts'
import { readText, signalAll } from '../system/proc.ts'

type UsableMonitor = Extract<FoundMonitor, { path: string }>

/** Monitors that wait for their next run, by the command that started them. */
const idle = new Map<string, MonitorClient[]>()

/** Runs a process as the monitor's child: exact peaks, the CPU time of the whole tree, and no process left behind. */
export async function runMonitored(monitor: UsableMonitor, options: MeasuredSpec): Promise<ProcessEnd> {
  return lendClient(monitor, options.launcher, (client) => runBy(client, options))
}

async function runBy(client: MonitorClient, options: MeasuredSpec): Promise<ProcessEnd> {
  const cancel = () => client.end('cancelled')
  let started: StartedFrame | undefined
  const { file, args, cwd, timeoutMs, memoryLimitMb, cpus, graceMs, marksDir: marks } = options
  const running = client.run(
    {
      file,
      args,
      cwd,
      timeoutMs,
      memoryLimitMb,
      cpus,
      graceMs,
      marks,
      env: Object.entries(options.env).flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}=${value}`],
      ),
      samples: options.onSample !== undefined,
      stamps: options.onMoment !== undefined,
    },
    (frame) => {
      if (frame.kind === 'output') options.onOutput(frame.chunk)
      else if (frame.kind === 'moment') options.onMoment?.(frame.moment)
      else if (frame.kind === 'sample') options.onSample?.(frame.sample)
      else if (frame.kind === 'started') {
        started = frame.started
        options.onStarted?.(started.pid)
      }
    },
  )
  options.signal?.addEventListener('abort', cancel)
  if (options.signal?.aborted) cancel()
  try {
    return endOf(await running)
  } catch (error) {
    // Behind a launcher its pids may be those of another machine.
    if (started && !options.launcher) killAbandoned(started)
    const facts = { exitCode: null, signal: null, monitorLost: error as Error }
    return { facts, wallMs: 0, memory: {} }
  } finally {
    options.signal?.removeEventListener('abort', cancel)
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
  return lendClient(monitor, launcher, async (client) => (await client.run(request)).pages!)
}

/** Lends a monitor that is idle, or else a new one; the last that was given back is lent first. */
async function lendClient<Result>(
  monitor: UsableMonitor,
  launcher: readonly string[] = [],
  use: (client: MonitorClient) => Promise<Result>,
): Promise<Result> {
  const command = [...launcher, monitor.path, ...monitor.args]
  const waiting = getOrAdd(idle, JSON.stringify(command), () => [])
  let client = waiting.pop()
  while (client && !client.alive) client = waiting.pop()
  client ??= new MonitorClient(command)
  try {
    return await use(client)
  } finally {
    if (client.alive) waiting.push(client)
  }
}

function endOf({ facts, ...end }: EndedFrame): ProcessEnd {
  const { spawnError } = facts
  return {
    ...end,
    facts: {
      ...facts,
      signal: nameSignal(facts.signal),
      spawnError: spawnError === undefined ? undefined : new Error(spawnError),
    },
  }
}

function nameSignal(number: number | null): string | null {
  if (number === null) return null
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`
}

/** If somebody kills the monitor, its child dies with it and we have to end the rest of the tree. */
function killAbandoned({ pid, cgroup }: StartedFrame): void {
  const members = cgroup ? (readText(join(cgroup, 'cgroup.procs')) ?? '') : ''
  signalAll([-pid, ...members.split('\n').filter(Boolean).map(Number)], 'SIGKILL')
}
