import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { identifySelf, isStillAlive } from './proc.ts'

const POLL_MS = 200
/** Between its making and its writing a lock is empty; one that stays so was made by a process that could not go on. */
const EMPTY_MS = 10_000

const holderSchema = z.object({ pid: z.number().int(), startTicks: z.number().optional() })

/**
 * Runs one of all processes on this machine that ask for the same lock at a time. A lock whose holder has died is
 * taken over; where two take it over at once both run, so the work itself has to be safe to do twice.
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
