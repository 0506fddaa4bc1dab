import { lstatSync, mkdirSync, readFileSync, rmSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { ProvemarkError, formatError } from '../errors.ts'
import { listNames } from '../lib/files.ts'
import { identifySelf, isStillAlive } from '../system/proc.ts'
import type { Plan } from '../plan/plan.ts'
import type { Vitest } from 'vitest/node'
import type { RunOptions } from '../plan/options.ts'
import { describeHolder, takeRunLock } from '../system/run-lock.ts'

/** Folder for the artifacts of all runs: the user's choice, or a per-user folder in the temporary folder. */
export function chooseWorkDir(given: string | undefined, root: string): string {
  return given === undefined ? join(tmpdir(), `provemark-${userId()}`) : resolve(root, given)
}

/**
 * Creates the default folder and checks its owner. All users of a machine can write to the temporary folder, and one of
 * them may have created it first, to read or replace proving keys.
 * @throws ProvemarkError FILE_UNWRITABLE
 */
export function makePrivate(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw refuse(folder, `cannot be made: ${(cause as Error).message}`, cause)
  }
  const stats = lstatSync(folder)
  if (!stats.isDirectory()) throw refuse(folder, 'is not a folder')
  // Windows has no such owners and modes. Its temporary folder belongs to the user.
  if (process.getuid === undefined) return
  if (stats.uid !== process.getuid()) throw refuse(folder, 'belongs to another user')
  if (stats.mode & 0o022) throw refuse(folder, 'can be written by other users')
}

/** In-memory file systems, by their Linux magic numbers: tmpfs and ramfs. */
const IN_MEMORY = new Set([0x01021994, 0x858458f6])

/** Warnings for figures if artifacts are held in memory; empty if the folder is on disk. */
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
    hint: 'choose your own folder with --work-dir',
  })
}

const OWNER_FILE = /^owner-.*\.json$/

const ownerSchema = z.object({
  /** Machines may share folders, and a pid means nothing on another machine. */
  host: z.string(),
  pid: z.int(),
  startTicks: z.number().optional(),
  /** Number of its shard, if the run is sharded. */
  shard: z.number().optional(),
  keep: z.enum(['none', 'last', 'failed', 'all']),
})

/**
 * Creates the folder of a run, closed to other users, and removes leftover folders of runs that were killed.
 * @returns removes the folder again if nothing in it is kept
 * @throws ProvemarkError FILE_UNWRITABLE, or RUN_LOCKED if the run to resume is still running
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
      hint: 'choose a writable folder with --work-dir',
    })
  }
  const close = () => {
    rmSync(ownerFile, { force: true })
    try {
      rmdirSync(folder)
    } catch {
      // It holds artifacts that are kept.
    }
  }
  // Checked after writing this process's own file: if two processes resume a run at once, at least one sees the other.
  const other = plan.resumed ? findOther(folder, ownerFile, plan) : undefined
  if (other === undefined) return close
  close()
  throw new ProvemarkError('RUN_LOCKED', `run ${run_id} is still going: process ${other} is running it`, {
    hint: "wait until it has ended: two at a time would measure everything twice and remove each other's files",
  })
}

/** Another process that is doing the same part of the run here. */
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

/** Proving keys take gigabytes: remove what a killed run left, unless it was to be kept. */
function removeLeftOvers(workDir: string): void {
  for (const name of listNames(workDir)) {
    const folder = join(workDir, name)
    const owners = listNames(folder).filter((file) => OWNER_FILE.test(file))
    const areGone = owners.every((file) => isGone(join(folder, file)))
    if (owners.length && areGone) rmSync(folder, { recursive: true, force: true })
  }
}

/** Whether what this owner of a folder left is no longer needed. */
function isGone(ownerFile: string): boolean {
  const owner = readOwner(ownerFile)
  return owner?.keep === 'none' && owner.host === hostname() && !isStillAlive(owner)
}

/**
 * Waits until no other run is using this machine, or refuses, depending on the mode, and prints why.
 * @returns releases the machine
 * @throws ProvemarkError RUN_LOCKED
 */
export async function lockMachine(mode: RunOptions['lock'], root: string): Promise<() => void> {
  if (mode === 'off') return () => {}
  return takeRunLock({
    mode,
    root,
    onWait: (holder) =>
      say(
        `waiting: another run is using this machine (${describeHolder(holder)}); --no-lock runs at the same time, which distorts the figures of both`,
      ),
    onUnavailable: (why) => say(`runs on this machine cannot be kept apart: ${why}`),
  })
}

function say(text: string): void {
  // The holder's description comes from another process.
  process.stderr.write(`${formatError(new Error(text))}\n`)
}

/** What a run holds while it lasts, such as the machine. Released when the run ends, however it ends. */
export class HeldResources {
  #release: (() => void)[] = []

  constructor(vitest: Vitest) {
    vitest.onClose(() => this.release())
    process.once('exit', () => this.release())
  }

  add(release: () => void): void {
    this.#release.push(release)
  }

  release(): void {
    const all = this.#release.toReversed()
    this.#release = []
    for (const release of all) release()
  }
}
