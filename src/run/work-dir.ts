import { lstatSync, mkdirSync, statfsSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { ProvemarkError } from '../errors.ts'

/** Folder of the artifacts of all runs: the user's choice, or one of the user's own in the temporary folder. */
export function chooseWorkDir(given: string | undefined, root: string): string {
  return given === undefined ? join(tmpdir(), `provemark-${userId()}`) : resolve(root, given)
}

/**
 * Makes the default folder and looks whose it is: the temporary folder is open to all users of a machine, and one of
 * them may have made it first, to read proving keys or to put others in their place.
 * @throws ProvemarkError FILE_UNWRITABLE
 */
export function makePrivate(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw refuse(folder, `cannot be made: ${(cause as Error).message}`, cause)
  }
  const stats = lstatSync(folder)
  if (!stats.isDirectory()) throw refuse(folder, 'is no folder')
  // Windows has no such owners and modes; its temporary folder is the user's own.
  if (process.getuid === undefined) return
  if (stats.uid !== process.getuid()) throw refuse(folder, 'belongs to another user')
  if (stats.mode & 0o022) throw refuse(folder, 'can be written by other users')
}

/** File systems that lie in memory, by the numbers that Linux gives them: tmpfs and ramfs. */
const IN_MEMORY = new Set([0x01021994, 0x858458f6])

/** What to know of figures where artifacts are memory themselves; empty where the folder lies on a disk. */
export function warnOfWorkDir(folder: string): string[] {
  if (process.platform !== 'linux' || !IN_MEMORY.has(statfsSync(folder).type)) return []
  return [
    `artifacts are memory, since ${folder} lies on a tmpfs: they count in mem_mb and against memory limits; name a folder on a disk with --work-dir`,
  ]
}

function userId(): string {
  return String(process.getuid?.() ?? userInfo().username.replaceAll(/\W/g, '_'))
}

function refuse(folder: string, why: string, cause?: unknown): ProvemarkError {
  return new ProvemarkError('FILE_UNWRITABLE', `the folder for artifacts, ${folder}, ${why}`, {
    cause,
    hint: 'name a folder of your own with --work-dir',
  })
}
