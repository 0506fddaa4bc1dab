import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, type ReadStream } from 'node:fs'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { globSync } from 'tinyglobby'
import { compareNaturally } from './names.ts'

/** Bytes per read: with Node's default of 64 KB, the calls cost more than the digest. */
const CHUNK_BYTES = 2 ** 20

/** SHA-256 of a file, hex. Streams the file. */
export async function digestFile(path: string): Promise<string> {
  return digestStream(createReadStream(path, { highWaterMark: CHUNK_BYTES }))
}

/** The same for an open file, which stays open. */
export async function digestOpenFile(fd: number): Promise<string> {
  return digestStream(createReadStream('', { fd, start: 0, autoClose: false, highWaterMark: CHUNK_BYTES }))
}

async function digestStream(stream: ReadStream): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(stream, hash)
  return hash.digest('hex')
}

/**
 * The files that a path or a glob names, in natural order; none if there are none. A path of an existing file means that
 * file, brackets included.
 * @param root where relative ones start
 */
export function matchFiles(pattern: string, root: string): string[] {
  if (existsSync(resolve(root, pattern))) return [pattern]
  const found = findFiles(pattern, root)
  // As Windows writes paths. In a glob a backslash takes the next character literally.
  const files = found.length ? found : findFiles(pattern.replaceAll('\\', '/'), root)
  return files.toSorted(compareNaturally)
}

/** Names in a folder; none if it cannot be read. */
export function listNames(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Whether an absolute path is a folder or in it; links are not followed. */
export function isInFolder(path: string, folder: string): boolean {
  const inner = relative(folder, path)
  return !isAbsolute(inner) && inner !== '..' && !inner.startsWith(`..${sep}`)
}

function findFiles(pattern: string, cwd: string): string[] {
  return globSync(pattern, {
    cwd,
    absolute: isAbsolute(pattern),
    onlyFiles: true,
    expandDirectories: false,
  })
}
