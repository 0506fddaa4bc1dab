import { hostname, tmpdir } from 'node:os'
import { ProvemarkError } from '../errors.ts'
import type { Machine } from '../row/schema.ts'
import { runProcess } from './run-process.ts'

/** What is read of a launcher's machine, in this order. */
const FACTS = [
  '/proc/sys/kernel/hostname',
  '/proc/sys/kernel/osrelease',
  '/proc/self/status',
  '/proc/meminfo',
  '/proc/cpuinfo',
]

/**
 * The machine that phases run on behind a launcher, which may not be this one.
 * @throws ProvemarkError LAUNCHER_UNUSABLE if the launcher starts nothing
 */
export async function readMachineBehind(launcher: readonly string[]): Promise<Partial<Machine>> {
  const { status, output, error } = await runProcess({ file: 'cat', args: FACTS, cwd: tmpdir(), launcher })
  if (status !== 'ok' && !output) {
    throw new ProvemarkError('LAUNCHER_UNUSABLE', `launcher ${launcher.join(' ')}: ${error?.message}`, {
      hint: `try it by hand: ${launcher.join(' ')} cat /proc/cpuinfo`,
    })
  }
  const [host, kernel] = output.split('\n')
  const memKb = readField(output, 'MemTotal')
  const cores = countCores(readField(output, 'Cpus_allowed_list') ?? '')
  if (host === hostname()) return { cores }
  return {
    host: host || null,
    kernel: kernel || null,
    cpu: readField(output, 'model name') ?? null,
    cores,
    mem_mb: memKb === undefined ? null : Math.round(Number.parseInt(memKb, 10) / 1024),
    // These describe this machine; nothing reports them for the other one.
    os: null,
    container: null,
    load: null,
    mem_free_mb: null,
    mem_limit_mb: null,
    governor: null,
  }
}

function readField(text: string, name: string): string | undefined {
  return new RegExp(`^${name}\\s*:\\s*(.+)$`, 'm').exec(text)?.[1]
}

/** `0-3,8`: 5 cores. */
function countCores(list: string): number | null {
  const ranges = list.split(',').map((range) => range.split('-').map(Number))
  const cores = ranges.reduce((sum, [first = NaN, last = first]) => sum + last - first + 1, 0)
  return cores > 0 ? cores : null
}
