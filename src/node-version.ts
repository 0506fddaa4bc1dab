// Every entry point checks here first. So this must load on any Node with ES modules: no imports, no new syntax.

/**
 * One line for a user whose Node is too old, or is an unsupported version in between; undefined if `engines` in
 * package.json, which are Vitest's, allow it.
 */
export function explainNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if ((major === 22 && minor >= 12) || major === 24 || major >= 26) return undefined
  return `provemark needs Node 22.12.0 or newer (22, 24, or 26 and later), and this is Node ${version}: npm i -D node@24 adds one to the project`
}

export const nodeProblem = explainNode(process.versions.node)
