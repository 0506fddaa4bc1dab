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
