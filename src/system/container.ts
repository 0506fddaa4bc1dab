import { existsSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { readText } from './proc.ts'

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

/** Memory limit of the cgroups that this process is in, MB, or null if they have none below the machine's own. */
export function readMemoryLimitMb(): number | null {
  const limits = [...readCgroupFiles('', 'memory.max'), ...readCgroupFiles('memory', 'memory.limit_in_bytes')]
  const lowest = Math.min(...limits.map(Number).filter((bytes) => bytes > 0))
  return lowest < totalmem() ? toMb(lowest) : null
}

/** Name of the container engine, or null on a plain machine. */
export function readContainer(): string | null {
  if (existsSync('/.dockerenv')) return 'docker'
  if (existsSync('/run/.containerenv')) return 'podman'
  if (process.env['KUBERNETES_SERVICE_HOST']) return 'kubernetes'
  return process.env['container'] ?? null
}

export function toMb(bytes: number): number {
  return bytes / 2 ** 20
}

const ROOT = '/sys/fs/cgroup'

/**
 * Text of a file in the cgroups that this process is in, from its own up to the root: a limit anywhere above applies
 * too. `controller` names a v1 hierarchy, or is '' for v2.
 */
function readCgroupFiles(controller: string, file: string): string[] {
  const mount = join(ROOT, controller)
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
  return existsSync(join(ROOT, controller, ...parts)) ? parts : ['']
}
