import { constants } from 'node:fs'
import { copyFile, mkdir, rm, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { digestFile } from '../../file-digest.ts'
import { entryFolder, type Manifest, manifestPath, readManifest } from './entry.ts'

export type Restored =
  | { state: 'restored'; manifest: Manifest }
  | { state: 'missing' }
  /** It was there, was not what it had been, and is gone now. */
  | { state: 'damaged' }

/** Copies the files of an entry into a folder, each checked by its digest; an entry that fails is removed. */
export async function restoreCircuit(key: string, dir: string): Promise<Restored> {
  const entry = entryFolder(key)
  const manifest = readManifest(entry)
  const isWhole = manifest && (await copyFiles(entry, manifest, dir))
  if (isWhole) {
    const now = new Date()
    // When it was used last decides what goes when the cache is full.
    await utimes(manifestPath(entry), now, now).catch(() => {})
    return { state: 'restored', manifest }
  }
  const { length } = await rm(entry, { recursive: true }).then(
    () => [entry],
    () => [],
  )
  await rm(dir, { recursive: true, force: true })
  return { state: length ? 'damaged' : 'missing' }
}

async function copyFiles(entry: string, { files }: Manifest, dir: string): Promise<boolean> {
  try {
    for (const { path, sha256 } of files) {
      const copy = join(dir, path)
      await mkdir(dirname(copy), { recursive: true, mode: 0o700 })
      await copyFile(join(entry, 'files', path), copy, constants.COPYFILE_FICLONE)
      if ((await digestFile(copy)) !== sha256) return false
    }
    return true
  } catch {
    return false
  }
}
