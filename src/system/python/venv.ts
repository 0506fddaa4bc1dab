import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import which from 'which'
import { moveIntoPlace, unfinishedPath } from '../../lib/whole-file.ts'
import { runTool } from '../run-tool.ts'
import { type PipInstall, pipInstall } from './pip.ts'

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
  const unfinished = unfinishedPath(folder)
  try {
    await mkdir(dirname(folder), { recursive: true, mode: 0o700 })
    await runTool(python, ['-m', 'venv', '--without-pip', unfinished])
    const target = await runTool(pythonOf(unfinished), ['-c', PRINT_SITE_PACKAGES])
    await pipInstall(python, { ...packages, target })
    await moveIntoPlace(unfinished, folder)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

/** Path of the Python 3 on PATH; undefined if there is none. */
export async function findPython(): Promise<string | undefined> {
  for (const name of ['python3', 'python']) {
    const found = await which(name, { nothrow: true })
    if (found) return found
  }
  return undefined
}
