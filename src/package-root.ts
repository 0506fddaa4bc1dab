import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Folder of our own package.json, in the checkout (src/) as well as in the published package (dist/): sources that
 * are built on the user's machine lie under it at the same paths in both.
 */
export function packageRoot(): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error(`no package.json above ${import.meta.dirname}`)
    folder = parent
  }
  return folder
}
