import { existsSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { globSync } from 'tinyglobby'
import { compareNaturally } from './natural-order.ts'

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

function findFiles(pattern: string, cwd: string): string[] {
  return globSync(pattern, {
    cwd,
    absolute: isAbsolute(pattern),
    onlyFiles: true,
    expandDirectories: false,
  })
}
