import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'

/** A name beside `path` that no other process uses, for what is not finished yet. */
export function unfinishedPath(path: string): string {
  return `${path}.${process.pid}-${randomUUID().slice(0, 8)}.tmp`
}

/** Renames what is finished to its place, so that none is ever seen half made; whoever was first stays. */
export async function moveIntoPlace(unfinished: string, path: string): Promise<void> {
  try {
    await rename(unfinished, path)
  } catch (error) {
    // A folder that another process has put there meanwhile cannot be replaced, and need not be.
    if (!existsSync(path)) throw error
  }
}
