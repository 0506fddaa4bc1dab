import { readFileSync } from 'node:fs'
import { isAbsolute, join, normalize, sep } from 'node:path'
import { z } from 'zod'
import { cacheDir } from '../../cache.ts'

/** A path inside an entry: a manifest that was tampered with must not lead out of it. */
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
  /** What the compile reported beside its figures. */
  extra: z.record(z.string(), z.unknown()),
  files: z.array(z.object({ path: insidePath, bytes: z.number(), sha256: z.string() })),
})

/** What lies in one entry of the cache. */
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

/** The manifest of an entry; undefined where there is none, or none that can be trusted. */
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
