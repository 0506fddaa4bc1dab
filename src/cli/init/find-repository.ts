import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { decodeText } from '../../lib/decode-text.ts'

/** The git repository that contains a project. */
export interface Repository {
  /** Where CI looks for its files; the project folder if there is no repository. */
  root: string
  /** The project's path relative to the root, with slashes; empty if it is the root. */
  place: string
  /** The branch that changes are merged into. */
  branch: string
  /** Text of git's config file. */
  config: string
}

export function findRepository(folder: string): Repository {
  const root = findRoot(folder) ?? folder
  const read = (path: string) => readText(join(root, '.git', path))
  return {
    root,
    place: relative(root, folder).split(sep).join('/'),
    branch: findBranch(root, read),
    config: read('config'),
  }
}

function findRoot(folder: string): string | undefined {
  for (let dir = folder; ; dir = dirname(dir)) {
    if (existsSync(join(dir, '.git'))) return dir
    if (dir === dirname(dir)) return undefined
  }
}

function findBranch(root: string, read: (path: string) => string): string {
  const remote = /^ref: refs\/remotes\/origin\/(\S+)/.exec(read('refs/remotes/origin/HEAD'))?.[1]
  if (remote) return remote
  const packed = read('packed-refs')
  const has = (name: string) =>
    existsSync(join(root, '.git/refs/heads', name)) || packed.includes(`refs/heads/${name}\n`)
  return has('master') && !has('main') ? 'master' : 'main'
}

export function readText(path: string): string {
  try {
    return decodeText(readFileSync(path))
  } catch {
    return ''
  }
}
