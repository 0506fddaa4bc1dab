import { readFileSync } from 'node:fs'
import { isAbsolute, join, normalize, sep } from 'node:path'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { z } from 'zod'
import { cacheDir } from '../../lib/cache.ts'
import { unfinishedPath } from '../../lib/whole-file.ts'

/** An unfinished entry older than this was left by a killed process, ms. */
const STALE_MS = 24 * 3600 * 1000

/** A path inside an entry: a tampered manifest must not point outside of it. */
const insidePath = z.string().refine((path) => {
  const plain = normalize(path)
  return !isAbsolute(path) && plain !== '..' && !plain.startsWith(`..${sep}`) && !path.includes('\0')
})

const manifestSchema = z.object({
  prover: z.object({ name: z.string(), version: z.string() }),
  /** File name of the model. */
  model: z.string(),
  made: z.string(),
  circuit_sha256: z.string().nullable(),
  /** What the compile reported in addition to its figures. */
  extra: z.record(z.string(), z.unknown()),
  files: z.array(z.object({ path: insidePath, bytes: z.number(), sha256: z.string() })),
})

/** The contents of one cache entry. */
export type Manifest = z.infer<typeof manifestSchema>

/** Folder of all entries. */
export function circuitFolder(): string {
  return cacheDir('circuits')
}

export function entryFolder(key: string): string {
  return join(circuitFolder(), key)
}

export function manifestPath(entry: string): string {
  return join(entry, 'manifest.json')
}

/** The manifest of an entry; undefined if it is missing or malformed. */
export function readManifest(entry: string): Manifest | undefined {
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(manifestPath(entry), 'utf8')))
  } catch {
    return undefined
  }
}

export function sizeOf({ files }: Manifest): number {
  return files.reduce((total, { bytes }) => total + bytes, 0)
}

export interface CachedCircuit {
  key: string
  path: string
  manifest: Manifest
  bytes: number
  /** Time of its last use, ms since the epoch. */
  usedMs: number
}

/** All complete entries, most recently used first. */
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

/**
 * Removes the least recently used entries until the rest fits the limit, and unfinished entries of killed processes.
 */
export async function trimCache(limitBytes: number): Promise<void> {
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

/** Renames it first, so that another process finds either all of it or nothing. */
async function removeEntry(path: string): Promise<void> {
  const doomed = unfinishedPath(path)
  await rename(path, doomed).catch(() => {})
  await rm(doomed, { recursive: true, force: true })
}
