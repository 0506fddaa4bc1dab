import { constants } from 'node:fs'
import { copyFile, link, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { digestFile } from '../../file-digest.ts'
import { moveIntoPlace, unfinishedPath } from '../../system/into-place.ts'
import { entryFolder, type Manifest, manifestPath, sizeOf } from './entry.ts'
import { keepWithin } from './limit.ts'

/** A compile quicker than this is made again sooner than it is kept. */
const LEAST_COMPILE_S = 10
/** Part of a compile's time that keeping it may take, and the speed at which files are read for their digests. */
const MOST_SHARE = 0.05
const DIGEST_BYTES_PER_S = 400e6
/** Files from this size on are linked, smaller ones copied: provers change settings in place, never a proving key. */
const LINK_BYTES = 2 ** 20

export interface Compiled extends Omit<Manifest, 'files' | 'made'> {
  /** Folder that the compile wrote into. */
  dir: string
  /** How long it took, s; null where it was not measured, and then it is kept whatever that costs. */
  timeS: number | null
}

/** Keeps what a compile has made under its key, whole or not at all. A cache that cannot be written is no failure. */
export async function storeCircuit(key: string, compiled: Compiled, limitBytes: number): Promise<void> {
  const entry = entryFolder(key)
  const { dir, timeS, ...rest } = compiled
  try {
    const paths = await listFiles(dir)
    const bytes = sum(await Promise.all(paths.map(async (path) => (await stat(join(dir, path))).size)))
    if (bytes > limitBytes || !isWorthIt(timeS, bytes)) return
    const unfinished = unfinishedPath(entry)
    try {
      const files: Manifest['files'] = []
      for (const path of paths) files.push(await keepFile(dir, unfinished, path))
      const manifest: Manifest = { ...rest, made: new Date().toISOString(), files }
      await keepWithin(limitBytes - sizeOf(manifest))
      await writeFile(manifestPath(unfinished), JSON.stringify(manifest))
      await rm(entry, { recursive: true, force: true })
      await moveIntoPlace(unfinished, entry)
    } finally {
      await rm(unfinished, { recursive: true, force: true })
    }
  } catch {
    // A full disk, a folder that is not ours: the next compile runs as if there were no cache.
  }
}

function isWorthIt(timeS: number | null, bytes: number): boolean {
  return timeS === null || (timeS >= LEAST_COMPILE_S && bytes / DIGEST_BYTES_PER_S <= timeS * MOST_SHARE)
}

async function keepFile(from: string, to: string, path: string): Promise<Manifest['files'][number]> {
  const [source, copy] = [join(from, path), join(to, 'files', path)]
  await mkdir(dirname(copy), { recursive: true, mode: 0o700 })
  const { size } = await stat(source)
  const copyWhole = () => copyFile(source, copy, constants.COPYFILE_FICLONE)
  await (size < LINK_BYTES ? copyWhole() : link(source, copy).catch(copyWhole))
  return { path, bytes: size, sha256: await digestFile(copy) }
}

async function listFiles(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(dir, join(parentPath, name)))
    .toSorted()
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
