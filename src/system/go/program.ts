import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import packageJson from '../../../package.json' with { type: 'json' }
import { ProvemarkError } from '../../errors.ts'
import { digestFile } from '../../lib/files.ts'
import { isSource, packageRoot } from '../../lib/own-package.ts'
import { buildGo, builtPath } from './build.ts'

/** Our Go programs, with the folders of their sources in this package. */
export const PROGRAMS = {
  'provemark-gnark': 'src/prover/gnark',
  'provemark-monitor': 'src/process/monitor',
} as const

export type ProgramName = keyof typeof PROGRAMS

export interface Program {
  path: string
  /** `prebuilt`: from the package of this platform; `built`: on this machine, from the sources in this package. */
  origin: 'prebuilt' | 'built'
}

/** A program that can be run immediately, or why there is none. Nothing is built or downloaded. */
export type FoundProgram = Program | { missing: string }

/**
 * Finds a program: prebuilt, or else built before.
 * @throws ProvemarkError PROVER_SETUP_FAILED if a prebuilt program is not the released one
 */
export async function findProgram(name: ProgramName): Promise<FoundProgram> {
  const prebuilt = isSource ? { missing: 'a checkout builds its own' } : await findPrebuilt(name)
  if (!('missing' in prebuilt)) return prebuilt
  const path = builtPath(sourceOf(name))
  return existsSync(path) ? { path, origin: 'built' } : prebuilt
}

/**
 * The same, and builds the program if it is not there.
 * @throws ProvemarkError PROVER_SETUP_FAILED
 */
export async function getProgram(name: ProgramName, onProgress?: (line: string) => void): Promise<Program> {
  const found = await findProgram(name)
  if (!('missing' in found)) return found
  if (!isSource) onProgress?.(`${name} is not prebuilt here: ${found.missing}`)
  const path = await buildGo({ ...sourceOf(name), ...(onProgress ? { onProgress } : {}) })
  return { path, origin: 'built' }
}

function sourceOf(name: ProgramName) {
  return { sourceDir: join(packageRoot(), PROGRAMS[name]), name }
}

/** SHA-256 of each released program, by platform (`linux-x64`) and file name. */
export type ReleasedDigests = Readonly<Record<string, Readonly<Record<string, string>>>>

/** `off` builds the programs from source instead. */
const SWITCH = 'PROVEMARK_PREBUILT'

/**
 * Looks for a program in the package of this platform, which npm installs as an optional dependency. Its digest must be
 * the one that this package was released with.
 * @param root folder of this package
 * @throws ProvemarkError PROVER_SETUP_FAILED
 */
export async function findPrebuilt(name: string, root = packageRoot()): Promise<FoundProgram> {
  if (process.env[SWITCH] === 'off') return { missing: `${SWITCH}=off` }
  const platform = `${process.platform}-${process.arch}`
  const file = process.platform === 'win32' ? `${name}.exe` : name
  const list = join(root, 'dist/prebuilt.json')
  if (!existsSync(list)) return { missing: 'this package was not built by a release' }
  const released = (JSON.parse(readFileSync(list, 'utf8')) as ReleasedDigests)[platform]?.[file]
  const owner = ownerOf(platform)
  if (!released || !owner) return { missing: `there is none for ${platform}` }
  const path = locateFile(root, owner, file)
  if (!path) return { missing: `${owner} is not installed, as with npm's --omit=optional` }
  const given = await digestFile(path)
  if (given === released) return { path, origin: 'prebuilt' }
  throw new ProvemarkError(
    'PROVER_SETUP_FAILED',
    `${path} is not the program of this release: expected SHA-256 ${released}, found ${given}`,
    { hint: `install provemark again, or set ${SWITCH}=off to build it from source` },
  )
}

/** Name of a platform's package; undefined if there is none. */
export function ownerOf(platform: string): string | undefined {
  return Object.keys(packageJson.optionalDependencies).find((name) => name.endsWith(`/${platform}`))
}

function locateFile(root: string, owner: string, file: string): string | undefined {
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve(`${owner}/package.json`)
    const path = join(dirname(manifest), 'bin', file)
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}
