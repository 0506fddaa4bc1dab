import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import which from 'which'
import { cacheDir } from '../lib/cache.ts'
import { makeInPlace } from '../lib/whole-file.ts'
import { runTool, unpackDebian } from './tools.ts'

const INSTALL = [
  'install',
  '--quiet',
  '--disable-pip-version-check',
  '--no-deps',
  '--only-binary',
  ':all:',
  '--require-hashes',
]
/** A user's pip may be configured to refuse other installation paths; root's warning is about those too. */
const ENV = { PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0', PIP_ROOT_USER_ACTION: 'ignore' }

export interface PipInstall {
  /** Folder for the packages. */
  target: string
  /** Requirements file with versions and hashes; only wheels are installed. */
  requirements: string
  report: (line: string) => void
}

/**
 * Installs packages into a folder with Python's own pip, or if it has none, as on a fresh Debian, with one downloaded
 * by the system's package manager.
 * @throws Error with the command that failed and the end of its output
 */
export async function pipInstall(
  python: string,
  { target, requirements, report }: PipInstall,
): Promise<void> {
  const pip = await locatePip(python, report)
  await runTool(python, [...pip, ...INSTALL, '--target', target, '--requirement', requirements], { env: ENV })
}

/** The arguments that make this Python run pip. */
async function locatePip(python: string, report: (line: string) => void): Promise<string[]> {
  try {
    await runTool(python, ['-m', 'pip', '--version'])
    return ['-m', 'pip']
  } catch {
    // A wheel is a zip file, which Python can run from directly.
    return [`${(await findWheel()) ?? (await downloadWheel(python, report))}/pip`]
  }
}

/** Debian's package that contains pip as a wheel. */
const PACKAGE = 'python3-pip-whl'

/** The downloaded wheel of pip; undefined if there is none. */
async function findWheel(): Promise<string | undefined> {
  const folder = cacheDir('pip', 'usr/share/python-wheels')
  const names = await readdir(folder).catch(() => [])
  const name = names.find((file) => /^pip-.*\.whl$/.test(file))
  return name && join(folder, name)
}

/**
 * Downloads pip with apt-get into the user's cache: this changes nothing in the system and does not need root.
 * @throws Error
 */
async function downloadWheel(python: string, report: (line: string) => void): Promise<string> {
  const folder = cacheDir('pip')
  report(`${python} has no pip: downloading it with apt-get (2 MB, once; kept in ${folder})`)
  try {
    await unpackDebian(PACKAGE, folder)
  } catch (error) {
    const reason = (error as Error).message
    throw new Error(`${python} has no pip, and it could not be downloaded: ${reason}; install it`, {
      cause: error,
    })
  }
  return (await findWheel())!
}

const PYTHON = process.platform === 'win32' ? join('Scripts', 'python.exe') : join('bin', 'python')
const PRINT_SITE_PACKAGES = "import sysconfig; print(sysconfig.get_path('purelib'))"

/** Path of the Python of a virtual environment. */
export function pythonOf(folder: string): string {
  return join(folder, PYTHON)
}

/**
 * Makes a virtual environment and renames it into place when it is finished, so that there is never a partial one.
 * Works with Debian's python3, which lacks pip and ensurepip.
 * @throws Error with the command that failed and the end of its output
 */
export async function makeVenvAt(
  folder: string,
  python: string,
  packages: Omit<PipInstall, 'target'>,
): Promise<void> {
  await makeInPlace(folder, async (unfinished) => {
    await runTool(python, ['-m', 'venv', '--without-pip', unfinished])
    const target = await runTool(pythonOf(unfinished), ['-c', PRINT_SITE_PACKAGES])
    await pipInstall(python, { ...packages, target })
  })
}

/** Path of the Python 3 on PATH; undefined if there is none. */
export async function findPython(): Promise<string | undefined> {
  const find = (name: string) => which(name, { nothrow: true })
  return (await find('python3')) ?? (await find('python')) ?? undefined
}
