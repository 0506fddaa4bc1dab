import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import { identifySelf, isStillAlive } from '../system/proc.ts'
import type { Plan } from '../plan/plan.ts'

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

const OWNER_FILE = /^owner-.*\.json$/

const ownerSchema = z.object({
  /** Folders may be shared between machines, and a pid says nothing on another one. */
  host: z.string(),
  pid: z.number().int(),
  startTicks: z.number().optional(),
  /** Which shard of the run it is, where it is one. */
  shard: z.number().optional(),
  keep: z.enum(['none', 'last', 'failed', 'all']),
})

/**
 * Makes the folder of a run, closed to other users, and removes those of runs that were killed before they could.
 * @returns what takes the folder away again where nothing is to stay in it
 * @throws ProvemarkError FILE_UNWRITABLE, or RUN_LOCKED where the run that is to go on has not stopped
 */
export function openRunFolder(plan: Plan): () => void {
  const { run_id, shard } = plan
  const { work_dir, keep } = plan.options
  const folder = join(work_dir, run_id)
  // Shards of one run share its folder.
  const ownerFile = join(folder, `owner-${hostname()}-${process.pid}.json`)
  removeLeftOvers(work_dir)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const owner = { host: hostname(), ...identifySelf(), shard: shard?.index, keep }
    writeFileSync(ownerFile, JSON.stringify(owner), { mode: 0o600 })
  } catch (cause) {
    throw new ProvemarkError('FILE_UNWRITABLE', `${folder} cannot be made: ${(cause as Error).message}`, {
      cause,
      hint: 'name a folder that you may write to with --work-dir',
    })
  }
  const close = () => {
    rmSync(ownerFile, { force: true })
    try {
      rmdirSync(folder)
    } catch {
      // Artifacts that are to stay are in it.
    }
  }
  // Looked for once our own file is there: of two that go on with a run at once, one sees the other.
  const other = plan.resumed ? findOther(folder, ownerFile, plan) : undefined
  if (other === undefined) return close
  close()
  throw new ProvemarkError('RUN_LOCKED', `run ${run_id} has not stopped: process ${other} is at work on it`, {
    hint: 'wait until it has ended; two at a time would measure everything twice and remove the files of each other',
  })
}

/** The process beside ours that does the same part of a run here. */
function findOther(folder: string, ownFile: string, { shard }: Plan): number | undefined {
  const owners = listNames(folder)
    .filter((name) => OWNER_FILE.test(name) && join(folder, name) !== ownFile)
    .map((name) => readOwner(join(folder, name)))
  return owners.find(
    (owner) => owner?.host === hostname() && owner.shard === shard?.index && isStillAlive(owner),
  )?.pid
}

function readOwner(path: string): z.infer<typeof ownerSchema> | undefined {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}

/** Proving keys take gigabytes: what a killed run left goes, unless it was to stay. */
function removeLeftOvers(workDir: string): void {
  for (const name of listNames(workDir)) {
    const folder = join(workDir, name)
    const owners = listNames(folder).filter((file) => OWNER_FILE.test(file))
    const areGone = owners.every((file) => isGone(join(folder, file)))
    if (owners.length && areGone) rmSync(folder, { recursive: true, force: true })
  }
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Whether nobody needs what this owner of a folder left. */
function isGone(ownerFile: string): boolean {
  const owner = readOwner(ownerFile)
  return owner?.keep === 'none' && owner.host === hostname() && !isStillAlive(owner)
}
