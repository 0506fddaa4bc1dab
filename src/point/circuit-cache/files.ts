import { constants } from 'node:fs'
import { copyFile, link, mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { digestFile } from '../../lib/files.ts'
import { makeInPlace } from '../../lib/whole-file.ts'
import { listFiles, measureArtifact } from '../artifacts.ts'
import { entryFolder, type Manifest, manifestPath, readManifest, sizeOf, trimCache } from './entries.ts'

/** A faster compile costs less than caching it. */
const LEAST_COMPILE_S = 10
/** Share of a compile's time that storing it may take, and the assumed speed of reading files for their digests. */
const MAX_SHARE = 0.05
const DIGEST_BYTES_PER_S = 400e6
/**
 * Files of at least this size are linked, smaller ones copied: provers change settings in place, but never a proving
 * key.
 */
const LINK_BYTES = 2 ** 20

export interface Compiled extends Omit<Manifest, 'files' | 'made'> {
  /** Folder with the output of the compile. */
  dir: string
  /** How long it took, s; null if it was not measured, and then it is stored regardless of the cost. */
  timeS: number | null
}

/** Stores the files of a compile under its key, all or none. It is not a failure if the cache cannot be written. */
export async function storeCircuit(key: string, compiled: Compiled, limitBytes: number): Promise<void> {
  const entry = entryFolder(key)
  const { dir, timeS, ...rest } = compiled
  try {
    const bytes = (await measureArtifact(dir)) ?? 0
    if (bytes > limitBytes || !isWorthIt(timeS, bytes)) return
    await makeInPlace(entry, async (unfinished) => {
      const files: Manifest['files'] = []
      for (const path of await listFiles(dir))
        files.push(await storeFile(dir, unfinished, relative(dir, path)))
      const manifest: Manifest = { ...rest, made: new Date().toISOString(), files }
      await trimCache(limitBytes - sizeOf(manifest))
      await writeFile(manifestPath(unfinished), JSON.stringify(manifest))
      await rm(entry, { recursive: true, force: true })
    })
  } catch {
    // A full disk or another user's folder: the next compile runs as if there were no cache.
  }
}

function isWorthIt(timeS: number | null, bytes: number): boolean {
  return timeS === null || (timeS >= LEAST_COMPILE_S && bytes / DIGEST_BYTES_PER_S <= timeS * MAX_SHARE)
}

async function storeFile(from: string, to: string, path: string): Promise<Manifest['files'][number]> {
  const [source, copy] = [join(from, path), join(to, 'files', path)]
  await mkdir(dirname(copy), { recursive: true, mode: 0o700 })
  const { size } = await stat(source)
  const copyWhole = () => copyFile(source, copy, constants.COPYFILE_FICLONE)
  await (size < LINK_BYTES ? copyWhole() : link(source, copy).catch(copyWhole))
  return { path, bytes: size, sha256: await digestFile(copy) }
}

/** Copies the files of an entry into a folder and checks their digests; an entry that fails is removed. */
export async function restoreCircuit(key: string, dir: string): Promise<Manifest | 'missing' | 'damaged'> {
  const entry = entryFolder(key)
  const manifest = readManifest(entry)
  if (manifest && (await copyFiles(entry, manifest, dir))) {
    const now = new Date()
    // When the cache is full, the least recently used entries are removed first.
    await utimes(manifestPath(entry), now, now).catch(() => {})
    return manifest
  }
  await rm(dir, { recursive: true, force: true })
  return rm(entry, { recursive: true }).then(
    () => 'damaged' as const,
    () => 'missing' as const,
  )
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
