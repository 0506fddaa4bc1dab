/**
 * Files that appear whole or not at all: they are written under another name and renamed when complete. Our own code,
 * because write-file-atomic ignores how much a write wrote: on a full disk it puts a truncated file in place and
 * reports success.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ProvemarkError } from '../errors.ts'

/** A name next to `path` that no other process uses, for unfinished files. */
export function unfinishedPath(path: string): string {
  return `${path}.${process.pid}-${randomUUID().slice(0, 8)}.tmp`
}

/** Renames a finished file or folder into place, so that a partial one is never visible. The first one stays. */
export async function moveIntoPlace(unfinished: string, path: string): Promise<void> {
  try {
    await rename(unfinished, path)
  } catch (error) {
    // A folder that another process has put there in the meantime cannot be replaced, and need not be.
    if (!existsSync(path)) throw error
  }
}

/** Makes a file or a folder under another name, and then renames it into place. */
export function makeInPlace(path: string, make: (unfinished: string) => Promise<void>): Promise<void> {
  return makeBeside(path, make, { mode: 0o700, move: moveIntoPlace })
}

async function makeBeside<Result>(
  path: string,
  make: (unfinished: string) => Promise<Result>,
  { mode, move = rename }: { mode?: number; move?: (unfinished: string, path: string) => Promise<void> } = {},
): Promise<Result> {
  const unfinished = unfinishedPath(path)
  try {
    await mkdir(dirname(path), { recursive: true, mode })
    const result = await make(unfinished)
    await move(unfinished, path)
    return result
  } finally {
    // If the folder could not be made, even removing a file from it is an error.
    await rm(unfinished, { recursive: true, force: true }).catch(() => {})
  }
}

/**
 * Replaces a file with these bytes; makes missing folders.
 * @throws ProvemarkError FILE_UNWRITABLE
 */
export function writeWhole(path: string, bytes: Uint8Array | string): void {
  const unfinished = unfinishedPath(path)
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(unfinished, bytes, { flag: 'wx' })
    renameSync(unfinished, path)
  } catch (cause) {
    // If the folder could not be made, even removing a file from it is an error.
    if (existsSync(unfinished)) rmSync(unfinished)
    throw refuseWrite(path, cause)
  }
}

/**
 * Replaces a file with what `fill` writes to the path it is given; makes missing folders. Errors of `fill` that do not
 * come from the system pass through.
 * @throws ProvemarkError FILE_UNWRITABLE
 */
export function writeInto<Result>(
  path: string,
  fill: (unfinished: string) => Promise<Result>,
): Promise<Result> {
  return makeBeside(path, fill).catch((cause: unknown) => {
    throw refuseWrite(path, cause)
  })
}

/**
 * Replaces a file with the pieces of text that `produce` writes, for files too large to hold in memory.
 * @throws ProvemarkError FILE_UNWRITABLE
 */
export async function writePieces<Result>(
  path: string,
  produce: (write: (text: string) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  return writeInto(path, async (unfinished) => {
    const handle = await open(unfinished, 'wx')
    try {
      return await produce((text) => handle.appendFile(text))
    } finally {
      await handle.close()
    }
  })
}

/** What the system says about a file, as FILE_UNWRITABLE; other errors as they are. */
function refuseWrite(path: string, cause: unknown): unknown {
  const { code, message } = cause as NodeJS.ErrnoException
  if (cause instanceof ProvemarkError || !code) return cause
  return new ProvemarkError('FILE_UNWRITABLE', `cannot write ${path}: ${message}`, {
    cause,
    hint: 'check that its folder is writable and its disk is not full, or choose another file',
  })
}
