import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Digest of all files of a Go module that a build reads: hex, the same on every machine. */
export function digestSources(sourceDir: string): string {
  const hash = createHash('sha256')
  for (const path of listSources(sourceDir)) {
    const bytes = readFileSync(path)
    hash.update(`${relative(sourceDir, path).split(sep).join('/')}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

function listSources(sourceDir: string): string[] {
  return readdirSync(sourceDir, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && /\.go$|^go\.(mod|sum)$/.test(entry.name) && !entry.name.endsWith('_test.go'),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}
