import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import { identifySelf, isStillAlive } from '../measure/process-identity.ts'
import type { Plan } from '../point/plan.ts'

const OWNER_FILE = /^owner-.*\.json$/

const ownerSchema = z.object({
  /** Folders may be shared between machines, and a pid says nothing on another one. */
  host: z.string(),
  pid: z.number().int(),
  startTicks: z.number().optional(),
  keep: z.enum(['none', 'last', 'failed', 'all']),
})

/**
 * Makes the folder of a run, closed to other users, and removes those of runs that were killed before they could.
 * @returns what takes the folder away again where nothing is to stay in it
 * @throws ProvemarkError FILE_UNWRITABLE
 */
export function openRunFolder({ work_dir, run_id, keep }: Plan): () => void {
  const folder = join(work_dir, run_id)
  // Shards of one run share its folder.
  const ownerFile = join(folder, `owner-${hostname()}-${process.pid}.json`)
  removeLeftOvers(work_dir)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(ownerFile, JSON.stringify({ host: hostname(), ...identifySelf(), keep }), { mode: 0o600 })
  } catch (cause) {
    throw new ProvemarkError('FILE_UNWRITABLE', `${folder} cannot be made: ${(cause as Error).message}`, {
      cause,
      hint: 'name a folder that you may write to with --work-dir',
    })
  }
  return () => {
    rmSync(ownerFile, { force: true })
    try {
      rmdirSync(folder)
    } catch {
      // Artifacts that are to stay are in it.
    }
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
  try {
    const owner = ownerSchema.parse(JSON.parse(readFileSync(ownerFile, 'utf8')))
    return owner.keep === 'none' && owner.host === hostname() && !isStillAlive(owner)
  } catch {
    return false
  }
}
