import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { formatError } from '../errors.ts'
import { packageRoot } from '../lib/package-root.ts'
import { getOrAdd } from '../row/collections.ts'
import { buildGo, builtPath } from '../system/go/build.ts'
import { findLocalGo } from '../system/go/toolchain.ts'

/** The path of the monitor, or why figures are taken without it. */
export type FoundMonitor = { path: string; args: string[] } | { missing: string }

/**
 * `off` runs without the monitor, `no-cgroup` without cgroups: for sandboxes that forbid them, or users who do not
 * want them.
 */
const SWITCH = 'PROVEMARK_MEASURE'

const found = new Map<string, Promise<FoundMonitor>>()

/**
 * Finds the monitor and builds it if this machine has Go; nothing is downloaded for it. Linux only. The result is
 * cached for the life of this process.
 */
export function findMonitor(): Promise<FoundMonitor> {
  const mode = process.env[SWITCH] ?? ''
  return getOrAdd(found, mode, () => search(mode))
}

async function search(mode: string): Promise<FoundMonitor> {
  if (mode === 'off') return { missing: `${SWITCH}=off` }
  if (process.platform !== 'linux')
    return { missing: `the monitor runs on Linux, this is ${process.platform}` }
  const source = { sourceDir: join(packageRoot(), 'src/process/monitor'), name: 'provemark-monitor' }
  const args = mode === 'no-cgroup' ? ['--no-cgroup'] : []
  const path = builtPath(source)
  if (existsSync(path)) return { path, args }
  try {
    if (!(await findLocalGo())) return { missing: 'there is no Go 1.24 or newer to build the monitor with' }
    return { path: await buildGo(source), args }
  } catch (error) {
    return { missing: formatError(error) }
  }
}
