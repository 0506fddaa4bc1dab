import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { ProvemarkError } from '../../errors.ts'
import { cacheDir } from '../../lib/cache.ts'
import { makeInPlace } from '../../lib/whole-file.ts'
import { lockAddressOf, takeRunLock } from '../run-lock.ts'
import { findGo } from './toolchain.ts'

/** Arguments of a build whose bytes depend on the sources, the Go version and the target alone. */
export const GO_BUILD = ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w -buildid=']
const HEARTBEAT_MS = 5000

export interface GoBuild {
  /** Folder with the go.mod; its main package is built. */
  sourceDir: string
  /** Name of the executable in the cache, followed by its digest. */
  name: string
  /** Gets lines while something is built or fetched, and none if the executable exists. */
  onProgress?: (line: string) => void
}

/**
 * Builds one of our Go programs into the user's cache, once per machine, named by a digest of its sources.
 * @returns its path
 * @throws ProvemarkError PROVER_SETUP_FAILED with the end of Go's output
 */
export async function buildGo(build: GoBuild): Promise<string> {
  const path = builtPath(build)
  if (!existsSync(path)) await buildOnce(build, path)
  return path
}

/** Path of the executable built from these sources for this system. */
export function builtPath({ sourceDir, name }: Pick<GoBuild, 'sourceDir' | 'name'>): string {
  const digest = digestSources(sourceDir).slice(0, 16)
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return cacheDir('bin', `${name}-${process.platform}-${process.arch}-${digest}${suffix}`)
}

/** One process at a time; if it could not be so, the second would only put the same file in its place. */
async function buildOnce(build: GoBuild, path: string): Promise<void> {
  const { sourceDir, name, onProgress: report = () => {} } = build
  const release = await takeRunLock({
    mode: 'wait',
    root: sourceDir,
    onWait: () => report(`waiting for another process that builds ${name}`),
    address: lockAddressOf(process.platform, name),
  })
  try {
    if (existsSync(path)) return
    const go = await findGo(report)
    await makeInPlace(path, (unfinished) => compile(go, build, unfinished, report))
  } finally {
    release()
  }
}

async function compile(
  go: string,
  { sourceDir, name }: GoBuild,
  output: string,
  report: (line: string) => void,
) {
  const startMs = performance.now()
  const elapsed = () => `${((performance.now() - startMs) / 1000).toFixed(0)} s`
  report(`building ${name} (once; kept in ${dirname(output)})`)
  const { execa } = await import('execa')
  const child = execa(go, [...GO_BUILD, '-v', '-o', output, '.'], {
    cwd: sourceDir,
    env: goEnvironment(),
    extendEnv: false,
    all: true,
    reject: false,
    stdin: 'ignore',
  })
  let packages = 0
  const heartbeat = setInterval(
    () => report(`building ${name}: ${packages} packages, ${elapsed()}`),
    HEARTBEAT_MS,
  )
  for await (const line of child.iterable({ from: 'all' })) {
    if (line.startsWith('go: ')) report(line)
    else packages++
  }
  clearInterval(heartbeat)
  const { failed, all, shortMessage } = await child
  if (failed) {
    throw new ProvemarkError(
      'PROVER_SETUP_FAILED',
      `building ${name} in ${sourceDir} failed: ${shortMessage}\n${all}`,
      {
        hint: 'see the output of Go above: it needs its module proxy or the modules in its cache, and some free disk space',
      },
    )
  }
  report(`built ${name} in ${elapsed()}`)
}

/** The user's environment without the variables that would build a program other than the one the digest names. */
export function goEnvironment(): Record<string, string | undefined> {
  const { GOOS: _os, GOARCH: _arch, ...rest } = process.env
  return { ...rest, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOWORK: 'off', GOFLAGS: '', GO111MODULE: 'on' }
}

/** Digest of all files of a Go module that affect the build: hex, the same on every machine. */
function digestSources(sourceDir: string): string {
  const hash = createHash('sha256')
  for (const path of listSources(sourceDir)) {
    const bytes = readFileSync(path)
    hash.update(`${relative(sourceDir, path).split(sep).join('/')}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

function listSources(sourceDir: string): string[] {
  return readdirSync(sourceDir, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && /\.go$|^go\.(mod|sum)$/.test(entry.name) && !entry.name.endsWith('_test.go'),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}
