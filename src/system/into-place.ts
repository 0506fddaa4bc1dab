import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'

/** A name next to `path` that no other process uses, for unfinished files. */
export function unfinishedPath(path: string): string {
  return `${path}.${process.pid}-${randomUUID().slice(0, 8)}.tmp`
}

/** Renames a finished file or folder into place, so that nobody sees a partial one. The first one stays. */
export async function moveIntoPlace(unfinished: string, path: string): Promise<void> {
  try {
    await rename(unfinished, path)
  } catch (error) {
    // A folder that another process has put there in the meantime cannot be replaced, and need not be.
    if (!existsSync(path)) throw error
  }
}
