import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readText } from './find-repository.ts'

/** How a project's packages are installed and run. */
export interface PackageManager {
  name: 'npm' | 'pnpm' | 'yarn' | 'bun'
  /** Adds development dependencies. */
  add: string
  /** Runs a command of an installed package. */
  run: string
  /** Installs what the lock file says, in CI. */
  install: string
  /** Looks for known holes in the dependency tree. */
  audit: string
  /** Whether package.json says which version of it is meant. */
  isPinned?: boolean
}

const MANAGERS: readonly (PackageManager & { files: readonly string[] })[] = [
  {
    name: 'pnpm',
    files: ['pnpm-lock.yaml'],
    add: 'pnpm add -D',
    run: 'pnpm exec',
    install: 'pnpm install --frozen-lockfile',
    audit: 'pnpm audit --audit-level high',
  },
  {
    name: 'yarn',
    files: ['yarn.lock'],
    add: 'yarn add -D',
    run: 'yarn run',
    install: 'yarn install --immutable',
    audit: 'yarn npm audit --all --severity high',
  },
  {
    name: 'bun',
    files: ['bun.lock', 'bun.lockb'],
    add: 'bun add -d',
    run: 'bunx',
    install: 'bun install --frozen-lockfile',
    audit: 'bun audit --audit-level high',
  },
]

export const NPM: PackageManager = {
  name: 'npm',
  add: 'npm i -D',
  run: 'npx',
  install: 'npm ci',
  audit: 'npm audit --audit-level high',
}

// Version 1 knows none of the newer flags, and its audit ends with a sum: 8 is high, 16 critical.
const YARN_CLASSIC = {
  name: 'yarn',
  add: 'yarn add -D',
  run: 'yarn run',
  install: 'yarn install --frozen-lockfile',
  audit: 'yarn audit --level high || [ $? -lt 8 ]',
} as const satisfies PackageManager

/** The one whose lock file lies in the project or, in a workspace, above it; npm where there is none. */
export function findPackageManager(folder: string): PackageManager {
  for (let dir = folder; ; dir = dirname(dir)) {
    const found = MANAGERS.find(({ files }) => files.some((file) => existsSync(join(dir, file))))
    if (found) return choose(found, dir)
    if (existsSync(join(dir, 'package-lock.json')) || dir === dirname(dir)) return NPM
  }
}

function choose(manager: PackageManager, dir: string): PackageManager {
  if (manager.name === 'yarn' && readText(join(dir, 'yarn.lock')).includes('# yarn lockfile v1'))
    return YARN_CLASSIC
  return { ...manager, isPinned: readText(join(dir, 'package.json')).includes('"packageManager"') }
}
