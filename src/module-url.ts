/** The source runs as it is in a checkout, the built file in a package. */
export const isSource = import.meta.url.endsWith('.ts')

/**
 * A module of ours that is loaded on its own, in a process or a thread.
 * @param name its path below src/ without its ending, or `reporters/NAME`; the build has an entry of that name
 */
export function moduleUrl(name: string): URL {
  const path = isSource && name.startsWith('reporters/') ? `../${name}` : `./${name}`
  return new URL(`${path}${isSource ? '.ts' : '.js'}`, import.meta.url)
}
