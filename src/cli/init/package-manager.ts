import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readTextIfThere } from '../../lib/text.ts'

/** How to install and run a project's packages. */
export interface PackageManager {
  name: 'npm' | 'pnpm' | 'yarn' | 'bun'
  /** Adds development dependencies. */
  add: string
  /** Runs a command of an installed package. */
  run: string
  /** Installs from the lock file, in CI. */
  install: string
  /** Checks the dependency tree for known vulnerabilities. */
  audit: string
  /** Whether package.json pins its version. */
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

// Version 1 lacks the newer flags, and its run drops the -- that provemark's flags follow. The exit code of its audit is
// a bit mask: 8 is high, 16 critical.
const YARN_CLASSIC = {
  name: 'yarn',
  add: 'yarn add -D',
  run: 'npx',
  install: 'yarn install --frozen-lockfile',
  audit: 'yarn audit --level high || [ $? -lt 8 ]',
} as const satisfies PackageManager

/** The one whose lock file is in the project or, in a workspace, above it; npm if there is none. */
export function findPackageManager(folder: string): PackageManager {
  for (let dir = folder; ; dir = dirname(dir)) {
    const found = MANAGERS.find(({ files }) => files.some((file) => existsSync(join(dir, file))))
    if (found) return choose(found, dir)
    if (existsSync(join(dir, 'package-lock.json')) || dir === dirname(dir)) return NPM
  }
}

function choose(manager: PackageManager, dir: string): PackageManager {
  if (manager.name === 'yarn' && readTextIfThere(join(dir, 'yarn.lock')).includes('# yarn lockfile v1'))
    return YARN_CLASSIC
  return { ...manager, isPinned: readTextIfThere(join(dir, 'package.json')).includes('"packageManager"') }
}
