import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { identifySelf, isStillAlive } from './proc.ts'

const POLL_MS = 200
/**
 * A lock is empty between its creation and its first write. One that stays empty belongs to a process that died in
 * between.
 */
const EMPTY_MS = 10_000

const holderSchema = z.object({ pid: z.number().int(), startTicks: z.number().optional() })

/**
 * Runs `work` in only one process of this machine at a time among those that ask for the same lock. A lock whose
 * holder has died is taken over. If two processes take it over at once, both run, so the work must be safe to do
 * twice.
 */
export async function withLock<T>(path: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  for (let waited = false; !(await acquire(path)); waited = true) {
    if (!waited) onWait()
    await sleep(POLL_MS)
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function acquire(path: string): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(identifySelf()), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if (await isAbandoned(path)) await rm(path, { force: true })
  return false
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    return !isStillAlive(holderSchema.parse(JSON.parse(await readFile(path, 'utf8'))))
  } catch {
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    )
    return age > EMPTY_MS
  }
}
