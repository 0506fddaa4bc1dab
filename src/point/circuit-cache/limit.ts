import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { unfinishedPath } from '../../system/into-place.ts'
import { circuitFolder, type Manifest, manifestPath, readManifest, sizeOf } from './entry.ts'

/** Unfinished entries older than this belong to no process that is still at work, ms. */
const STALE_MS = 24 * 3600 * 1000

export interface CachedCircuit {
  key: string
  path: string
  manifest: Manifest
  bytes: number
  /** Time since the epoch at which it was used last, ms. */
  usedMs: number
}

/** All whole entries, the one used last first. */
export async function listCircuits(): Promise<CachedCircuit[]> {
  const names = await readdir(circuitFolder()).catch(() => [])
  const found = await Promise.all(
    names.map(async (key) => {
      const path = join(circuitFolder(), key)
      const manifest = readManifest(path)
      const stats = await stat(manifestPath(path)).catch(() => undefined)
      return manifest && stats && !key.endsWith('.tmp')
        ? [{ key, path, manifest, bytes: sizeOf(manifest), usedMs: stats.mtimeMs }]
        : []
    }),
  )
  return found.flat().toSorted((a, b) => b.usedMs - a.usedMs)
}

/** Removes entries, the longest unused first, until all that stay fit, and what killed processes left unfinished. */
export async function keepWithin(limitBytes: number): Promise<void> {
  let total = 0
  for (const { path, bytes } of await listCircuits()) {
    total += bytes
    if (total > limitBytes) await removeEntry(path)
  }
  for (const name of await readdir(circuitFolder()).catch(() => [])) {
    const path = join(circuitFolder(), name)
    const stats = await stat(path).catch(() => undefined)
    if (name.endsWith('.tmp') && stats && Date.now() - stats.mtimeMs > STALE_MS) {
      await rm(path, { recursive: true, force: true })
    }
  }
}

/** Renamed first: a process that is about to use it finds all of it, or nothing. */
async function removeEntry(path: string): Promise<void> {
  const doomed = unfinishedPath(path)
  await rename(path, doomed).catch(() => {})
  await rm(doomed, { recursive: true, force: true })
}
