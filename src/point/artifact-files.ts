import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { digestFile } from '../file-digest.ts'

/** Bytes of a file, or of all files in a folder; undefined where there is neither. */
export async function measureArtifact(path: string): Promise<number | undefined> {
  const stats = await stat(path).catch(() => undefined)
  if (!stats?.isDirectory()) return stats?.size
  const sizes = await Promise.all((await listFiles(path)).map(async (file) => (await stat(file)).size))
  return sizes.reduce((total, size) => total + size, 0)
}

/** SHA-256 of a file, or of the names and digests of all files in a folder, hex; null where there is neither. */
export async function digestArtifact(path: string): Promise<string | null> {
  const stats = await stat(path).catch(() => undefined)
  if (!stats) return null
  if (!stats.isDirectory()) return digestFile(path)
  const hash = createHash('sha256')
  for (const file of await listFiles(path)) {
    hash.update(`${await digestFile(file)}  ${relative(path, file).replaceAll('\\', '/')}\n`)
  }
  return hash.digest('hex')
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted()
}
