import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism, cpus, freemem, loadavg, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { listNames } from '../lib/files.ts'
import type { Machine } from '../row/schema.ts'
import { readMb, readText } from './proc.ts'

const run = promisify(execFile)
/** A working tree of any size answers faster than this; a hung file system must not hold up a run. */
const GIT_TIMEOUT_MS = 5000
/** One line per changed file. */
const GIT_OUTPUT_BYTES = 64 * 2 ** 20

/** The machine that a run's figures come from, in its current state. Memory in MB (2^20 bytes). */
export async function readMachine(cwd = process.cwd()): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? null,
    cores: readUsableCores(),
    governor: readGovernor(),
    mem_mb: Math.round(toMb(totalmem())),
    mem_free_mb: Math.round(readAvailableMb()),
    mem_limit_mb: readMemoryLimitMb(),
    os: readOsName(),
    kernel: release(),
    arch: process.arch,
    node: process.version,
    container: readContainer(),
    load: loadavg()[0] ?? null,
    ...(await readCommit(cwd)),
  }
}

/** Cores that this process may use: its affinity, limited by the CPU quotas of its cgroups; 1.5 is possible. */
export function readUsableCores(): number {
  const v2 = readCgroupFiles('', 'cpu.max').map((text) => text.split(' ').map(Number))
  const periods = readCgroupFiles('cpu', 'cpu.cfs_period_us').map(Number)
  const v1 = readCgroupFiles('cpu', 'cpu.cfs_quota_us').map((quota, depth) => [
    Number(quota),
    periods[depth]!,
  ])
  // No quota reads as 'max' in v2 and as -1 in v1.
  const quotas = [...v2, ...v1].map(([quota, period]) => quota! / period!).filter((cores) => cores > 0)
  return Math.min(availableParallelism(), ...quotas)
}

/** Frequency governor of the first core, or null if the system does not report one, as in most virtual machines. */
function readGovernor(): string | null {
  return readText('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor') ?? null
}

/** Memory available without swapping: on Linux more than what is free, since caches can be dropped. */
export function readAvailableMb(): number {
  return readMb(readText('/proc/meminfo') ?? '', 'MemAvailable:') ?? toMb(freemem())
}

/** Memory limit of the cgroups that this process is in, MB, or null if they have none below the machine's own. */
function readMemoryLimitMb(): number | null {
  const limits = [...readCgroupFiles('', 'memory.max'), ...readCgroupFiles('memory', 'memory.limit_in_bytes')]
  const lowest = Math.min(...limits.map(Number).filter((bytes) => bytes > 0))
  return lowest < totalmem() ? toMb(lowest) : null
}

function readOsName(): string {
  const pretty = /^PRETTY_NAME="?([^"\n]+)/m.exec(readText('/etc/os-release') ?? '')?.[1]
  return pretty ?? type()
}

/** Name of the container engine, or null on a plain machine. */
function readContainer(): string | null {
  if (existsSync('/.dockerenv')) return 'docker'
  if (existsSync('/run/.containerenv')) return 'podman'
  if (process.env['KUBERNETES_SERVICE_HOST']) return 'kubernetes'
  return process.env['container'] ?? null
}

async function readCommit(cwd: string): Promise<Pick<Machine, 'commit' | 'dirty'>> {
  try {
    const asked = ['status', '--porcelain=v2', '--branch', '--untracked-files=no']
    const { stdout } = await run('git', asked, { cwd, timeout: GIT_TIMEOUT_MS, maxBuffer: GIT_OUTPUT_BYTES })
    const commit = /^# branch\.oid ([\da-f]+)$/m.exec(stdout)?.[1]
    return { commit: commit ?? null, dirty: commit ? /^[^#\n]/m.test(stdout) : null }
  } catch {
    // No git, or no repository.
    return { commit: null, dirty: null }
  }
}

const POWER_SUPPLIES = '/sys/class/power_supply'
/** Load per core above which other programs are likely to take time from a phase. */
const BUSY_LOAD = 0.5
const STEADY_GOVERNORS = new Set(['performance', 'schedutil'])

/** What may distort figures right now. */
interface Strain {
  /** Load average over 1 minute, and the number of cores. */
  load: number
  cores: number
  onBattery: boolean
  swapUsedMb: number
  governor: string | null
  /** How often heat has throttled the cores since boot; the counter only goes up. */
  throttled: number
}

/** What distorts figures of this machine right now, one sentence each with what to do; empty if nothing does. */
export function warnAboutMachine(): string[] {
  return warnOf(readStrain())
}

export function warnOf({ load, cores, onBattery, swapUsedMb, governor, throttled }: Strain): string[] {
  return [
    load > BUSY_LOAD * cores &&
      `the load is ${load.toFixed(2)} on ${cores} cores: close other programs, or expect noise`,
    onBattery && 'the machine runs on battery: its cores may be slowed down, plug it in',
    swapUsedMb >= 1 &&
      `${Math.round(swapUsedMb)} MB of swap are in use: what is swapped out is missing from RSS, free some memory`,
    governor !== null &&
      !STEADY_GOVERNORS.has(governor) &&
      `the frequency governor is ${governor}: times vary less with performance (cpupower frequency-set -g performance)`,
    throttled > 0 &&
      `the cores were slowed down by heat ${throttled} times since the machine started: let it cool down between runs`,
  ].filter((warning) => warning !== false)
}

function readStrain(): Strain {
  const meminfo = readText('/proc/meminfo') ?? ''
  const supplies = listNames(POWER_SUPPLIES).map((name) => readText(join(POWER_SUPPLIES, name, 'status')))
  return {
    load: loadavg()[0] ?? 0,
    cores: readUsableCores(),
    onBattery: supplies.includes('Discharging'),
    swapUsedMb: (readMb(meminfo, 'SwapTotal:') ?? 0) - (readMb(meminfo, 'SwapFree:') ?? 0),
    governor: readGovernor(),
    throttled: Number(readText('/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count') ?? 0),
  }
}

const CGROUPS = '/sys/fs/cgroup'

/**
 * Text of a file in the cgroups that this process is in, from its own up to the root: a limit anywhere above applies
 * too. `controller` names a v1 hierarchy, or is '' for v2.
 */
function readCgroupFiles(controller: string, file: string): string[] {
  const mount = join(CGROUPS, controller)
  return ownPath(controller)
    .map((_, depth, parts) => join(mount, ...parts.slice(0, depth + 1), file))
    .map(readText)
    .filter((text) => text !== undefined)
}

/**
 * The folders from the root, as '', to the process's cgroup. Inside a container they may be hidden: then only the
 * root.
 */
function ownPath(controller: string): string[] {
  // Only Linux has this file.
  const lines = (readText('/proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'))
  const own = lines.find(([, controllers]) => controllers?.split(',').includes(controller))
  const parts = ['', ...(own?.[2] ?? '').split('/').filter(Boolean)]
  return existsSync(join(CGROUPS, controller, ...parts)) ? parts : ['']
}

function toMb(bytes: number): number {
  return bytes / 2 ** 20
}
