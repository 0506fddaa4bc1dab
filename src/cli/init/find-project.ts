import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { glob } from 'tinyglobby'
import { compareNaturally } from '../../lib/names.ts'
import { readTextIfThere } from '../../lib/text.ts'
import { GITLAB_JOB } from './gitlab-ci.ts'
import { findPackageManager, type PackageManager } from './package-manager.ts'

/** The git repository that contains a project. */
interface Repository {
  /** Where CI looks for its files; the project folder if there is no repository. */
  root: string
  /** The project's path relative to the root, with slashes; empty if it is the root. */
  place: string
  /** The branch that changes are merged into. */
  branch: string
  /** Text of git's config file. */
  config: string
}

export type Ci = 'github' | 'gitlab' | 'none'

/** What can be detected about a project. */
export interface Project {
  folder: string
  repository: Repository
  manager: PackageManager
  /** The ending of files that are ES modules in it, for Node and Vite alike. */
  ending: 'ts' | 'mts' | 'mjs'
  /** Whether Vitest finds a config by itself. That one belongs to the project and is not changed. */
  hasViteConfig: boolean
  /** The config that already has the plugin. */
  ownConfig: string | undefined
  ci: Ci
  /** Whether it has GitLab jobs other than the generated ones. */
  hasGitlabCi: boolean
  /** Whether git ignores the rows of runs. */
  ignoresRows: boolean
  /** Relative paths of what is in bench/. */
  benches: string[]
  /** Relative paths of ONNX files, at most `MOST_MODELS`. */
  models: string[]
  /** Version ranges of its dependencies by name. */
  dependencies: Readonly<Record<string, string>>
}

/** With more files than this, it is a data set, which does not belong in a config. */
const MOST_MODELS = 20

export async function findProject(folder: string): Promise<Project> {
  const there = (path: string) => existsSync(join(folder, path))
  const repository = findRepository(folder)
  const gitlabCi = readTextIfThere(join(repository.root, '.gitlab-ci.yml'))
  const ignored =
    readTextIfThere(join(folder, '.gitignore')) + readTextIfThere(join(repository.root, '.gitignore'))
  const manifest = readJson(join(folder, 'package.json'))
  const dependencies = { ...manifest['dependencies'], ...manifest['devDependencies'] } as Record<
    string,
    string
  >
  const options = { cwd: folder, onlyFiles: true, expandDirectories: false }
  const configs = await glob('{vitest,vite,vitest.bench}.config.{ts,mts,cts,js,mjs,cjs}', options)
  const benches = (await glob('bench/*.bench.*', options)).filter((file) =>
    /provemark|defineTrack/.test(readTextIfThere(join(folder, file))),
  )
  const models = await glob('**/*.onnx', { ...options, ignore: ['**/node_modules/**', '**/benchmarking/**'] })
  const isTyped = there('tsconfig.json') || 'typescript' in dependencies
  const typed = String(manifest['type']) === 'module' ? 'ts' : 'mts'
  return {
    folder,
    repository,
    manager: findPackageManager(folder),
    ending: isTyped ? typed : 'mjs',
    benches,
    hasViteConfig: configs.some((file) => !file.startsWith('vitest.bench.')),
    ownConfig: configs.find((file) => readTextIfThere(join(folder, file)).includes('provemark/plugin')),
    ci: findCi(repository),
    hasGitlabCi: gitlabCi !== '' && !gitlabCi.includes(GITLAB_JOB),
    ignoresRows: /^\/?benchmarking\/?$/m.test(ignored),
    models: models.toSorted(compareNaturally).slice(0, MOST_MODELS),
    dependencies,
  }
}

function findRepository(folder: string): Repository {
  const root = findRoot(folder) ?? folder
  const git = findGitFolder(root)
  return {
    root,
    place: relative(root, folder).split(sep).join('/'),
    branch: findBranch(git),
    config: readTextIfThere(join(git, 'config')),
  }
}

/** Where git keeps the repository's config and branches. In a worktree or a submodule, .git is a file that leads there. */
function findGitFolder(root: string): string {
  const git = join(root, '.git')
  const [, target] = /^gitdir: (.+)/.exec(readTextIfThere(git)) ?? []
  if (target === undefined) return git
  const own = resolve(root, target)
  return resolve(own, readTextIfThere(join(own, 'commondir')).trim())
}

function findRoot(folder: string): string | undefined {
  for (let dir = folder; ; dir = dirname(dir)) {
    if (existsSync(join(dir, '.git'))) return dir
    if (dir === dirname(dir)) return undefined
  }
}

function findBranch(git: string): string {
  const head = readTextIfThere(join(git, 'refs/remotes/origin/HEAD'))
  const remote = /^ref: refs\/remotes\/origin\/(\S+)/.exec(head)?.[1]
  if (remote) return remote
  const packed = readTextIfThere(join(git, 'packed-refs'))
  const has = (name: string) =>
    existsSync(join(git, 'refs/heads', name)) || packed.includes(`refs/heads/${name}\n`)
  return has('master') && !has('main') ? 'master' : 'main'
}

function findCi({ root, config }: Repository): Ci {
  if (existsSync(join(root, '.gitlab-ci.yml'))) return 'gitlab'
  if (existsSync(join(root, '.github'))) return 'github'
  return /url = .*gitlab/.test(config) ? 'gitlab' : 'github'
}

function readJson(path: string): Record<string, Record<string, string> | undefined> {
  try {
    return JSON.parse(readTextIfThere(path))
  } catch {
    return {}
  }
}
