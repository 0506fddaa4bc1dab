import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readText } from './read-text.ts'

const ROOT = '/sys/fs/cgroup'

/**
 * Text of a file in the cgroups that this process is in, from its own up to the root: a limit anywhere above holds
 * too. `controller` names a v1 hierarchy, or is '' for v2.
 */
export function readCgroupFiles(controller: string, file: string): string[] {
  const mount = join(ROOT, controller)
  return ownPath(controller)
    .map((_, depth, parts) => join(mount, ...parts.slice(0, depth + 1), file))
    .map(readText)
    .filter((text) => text !== undefined)
}

/** The folders that lead to the own cgroup, the root as ''. A container may not see them: then only the root. */
function ownPath(controller: string): string[] {
  const lines = (readText('/proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'))
  const own = lines.find(([, controllers]) => controllers!.split(',').includes(controller))
  const parts = ['', ...(own?.[2] ?? '').split('/').filter(Boolean)]
  return existsSync(join(ROOT, controller, ...parts)) ? parts : ['']
}
