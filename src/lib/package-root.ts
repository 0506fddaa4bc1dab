import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Folder of this package's package.json, in the checkout (src/) as well as in the published package (dist/). Sources
 * that are built on the user's machine have the same paths below it in both.
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
