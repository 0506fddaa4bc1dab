import { mkdirSync } from 'node:fs'
import nodeModule from 'node:module'
import { join, resolve } from 'node:path'
import envPaths from 'env-paths'

/** Folder for what the package builds or downloads: the user's cache folder (XDG), or PROVEMARK_CACHE. */
export function cacheDir(...parts: string[]): string {
  const chosen = process.env['PROVEMARK_CACHE']
  return join(chosen ? resolve(chosen) : envPaths('provemark', { suffix: '' }).cache, ...parts)
}

const VARIABLE = 'NODE_COMPILE_CACHE'

/**
 * Makes Node cache compiled code from here on, so that the next run starts in half the time, mostly because of
 * TypeScript. Returns the environment variables with which workers do the same; empty if the user has set their own.
 */
export function enableCompiled(): Record<string, string> {
  if (process.env[VARIABLE]) return {}
  const folder = cacheDir('compiled')
  try {
    // The files are executed, so nobody else may write here, whatever the user's umask allows.
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch {
    // Without a writable cache the run still works, only slower.
  }
  nodeModule.enableCompileCache(folder)
  return { [VARIABLE]: folder }
}

/** Removes this setting from a worker's environment: a prover must start as it would elsewhere. */
export function hideCompiled(): void {
  if (process.env[VARIABLE] === cacheDir('compiled')) delete process.env[VARIABLE]
}
