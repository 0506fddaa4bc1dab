import { mkdirSync } from 'node:fs'
import nodeModule from 'node:module'
import { cacheDir } from './cache.ts'

const VARIABLE = 'NODE_COMPILE_CACHE'

/**
 * Has Node keep what it compiles from here on, so that the next run starts in half the time: TypeScript counts most.
 * Returns what the workers need in their environment for the same; nothing where the user has chosen for himself.
 */
export function enableCompiled(): Record<string, string> {
  if (process.env[VARIABLE]) return {}
  const folder = cacheDir('compiled')
  makePrivate(folder)
  nodeModule.enableCompileCache(folder)
  return { [VARIABLE]: folder }
}

/** What lies there is run: nobody else may put anything in, whatever the user's mask allows. */
function makePrivate(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch {
    // A cache that cannot be written costs time, and no run.
  }
}

/** Takes our choice back out of a worker's environment: a prover has to start as it does elsewhere. */
export function hideCompiled(): void {
  if (process.env[VARIABLE] === cacheDir('compiled')) delete process.env[VARIABLE]
}
