import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A checkout runs from source, the package from built files. */
export const isSource = import.meta.url.endsWith('.ts')

/**
 * URL of a module of this package that is loaded separately, in a process or a thread.
 * @param name its path below src/ without extension, or `reporters/NAME`; the build has an entry of that name
 */
export function moduleUrl(name: string): URL {
  if (!isSource) return new URL(`./${name}.js`, import.meta.url)
  return new URL(`../${name.startsWith('reporters/') ? '../' : ''}${name}.ts`, import.meta.url)
}

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
