import { join, resolve } from 'node:path'
import envPaths from 'env-paths'

/** Folder for what the package builds or downloads: the user's cache folder (XDG), or PROVEMARK_CACHE. */
export function cacheDir(...parts: string[]): string {
  const chosen = process.env['PROVEMARK_CACHE']
  return join(chosen ? resolve(chosen) : envPaths('provemark', { suffix: '' }).cache, ...parts)
}
