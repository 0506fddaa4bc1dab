import { ownerOf, PROGRAMS, type ProgramName } from '../../src/system/go/program.ts'

/** A platform that provemark's Go programs are built for; each has a package of its own. */
export interface Platform {
  /** As Node names it: `process.platform` and `process.arch`. */
  os: NodeJS.Platform
  cpu: NodeJS.Architecture
  /** Go's names for it. */
  goos: string
  goarch: string
  programs: readonly ProgramName[]
}

const ALL = Object.keys(PROGRAMS) as ProgramName[]

export const PLATFORMS: readonly Platform[] = [
  { os: 'linux', cpu: 'x64', goos: 'linux', goarch: 'amd64', programs: ALL },
  { os: 'linux', cpu: 'arm64', goos: 'linux', goarch: 'arm64', programs: ALL },
  // The monitor reads /proc and cgroups, which only Linux has.
  { os: 'darwin', cpu: 'x64', goos: 'darwin', goarch: 'amd64', programs: ['provemark-gnark'] },
  { os: 'darwin', cpu: 'arm64', goos: 'darwin', goarch: 'arm64', programs: ['provemark-gnark'] },
  { os: 'win32', cpu: 'x64', goos: 'windows', goarch: 'amd64', programs: ['provemark-gnark'] },
]

/** `linux-x64`: the name of its folder in packages/, and of its package below the scope. */
export const nameOf = ({ os, cpu }: Platform) => `${os}-${cpu}`

export const packageOf = (platform: Platform) => ownerOf(nameOf(platform))!

/** The npm scope of the packages, with its @. */
export const SCOPE = packageOf(PLATFORMS[0]!).split('/', 1)[0]!

export const fileOf = (platform: Platform, program: ProgramName) =>
  platform.os === 'win32' ? `${program}.exe` : program
