import { formatError } from '../errors.ts'
import { isSource } from '../lib/own-package.ts'
import { getOrAdd } from '../row/collections.ts'
import { findProgram, getProgram, type Program } from '../system/go/program.ts'
import { findLocalGo } from '../system/go/toolchain.ts'

/** The path of the monitor, or why figures are taken without it. */
export type FoundMonitor = (Program & { args: string[] }) | { missing: string }

const PROGRAM = 'provemark-monitor'

/**
 * `off` runs without the monitor, `no-cgroup` without cgroups: for sandboxes that forbid them, or users who do not
 * want them.
 */
const SWITCH = 'PROVEMARK_MEASURE'

const found = new Map<string, Promise<FoundMonitor>>()

/**
 * Finds the monitor, prebuilt or built, or builds it if this machine has Go; nothing is downloaded for it. Linux only.
 * The result is cached for the life of this process.
 * @param build false: only look
 */
export function findMonitor(build = true): Promise<FoundMonitor> {
  const mode = process.env[SWITCH] ?? ''
  return getOrAdd(found, `${mode} ${build}`, () => search(mode, build))
}

async function search(mode: string, build: boolean): Promise<FoundMonitor> {
  if (mode === 'off') return { missing: `${SWITCH}=off` }
  if (process.platform !== 'linux')
    return { missing: `the monitor runs on Linux, this is ${process.platform}` }
  const args = mode === 'no-cgroup' ? ['--no-cgroup'] : []
  try {
    const program = await findProgram(PROGRAM)
    if (!('missing' in program)) return { ...program, args }
    const hasGo = (await findLocalGo()) !== undefined
    if (hasGo && !build) return { missing: 'not built yet: the first run builds it' }
    if (hasGo) return { ...(await getProgram(PROGRAM)), args }
    const reason = isSource ? '' : `${program.missing}, and `
    return { missing: `${reason}there is no Go 1.24 or newer to build the monitor with` }
  } catch (error) {
    return { missing: formatError(error) }
  }
}
