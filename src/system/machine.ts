import { cpus, freemem, loadavg, release, totalmem, type } from 'node:os'
import { promisify } from 'node:util'
import { execFile } from 'node:child_process'
import type { Machine } from '../row/schema.ts'
import { readContainer, readMemoryLimitMb, readUsableCores, toMb } from './container.ts'
import { readText } from './proc.ts'

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

/** Frequency governor of the first core, or null if the system does not report one, as in most virtual machines. */
export function readGovernor(): string | null {
  return readText('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor') ?? null
}

/** Memory available without swapping: on Linux more than what is free, since caches can be dropped. */
export function readAvailableMb(): number {
  const kb = /^MemAvailable:\s+(\d+) kB$/m.exec(readText('/proc/meminfo') ?? '')?.[1]
  return kb ? Number(kb) / 1024 : toMb(freemem())
}

function readOsName(): string {
  const pretty = /^PRETTY_NAME="?([^"\n]+)/m.exec(readText('/etc/os-release') ?? '')?.[1]
  return pretty ?? type()
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
