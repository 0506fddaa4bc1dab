import { runTool } from '../run-tool.ts'
import { findWheel, downloadWheel } from './pip-wheel.ts'

const INSTALL = [
  'install',
  '--quiet',
  '--disable-pip-version-check',
  '--no-deps',
  '--only-binary',
  ':all:',
  '--require-hashes',
]
/** A user's pip may be set to refuse what has another place than this; root's warning is about other places too. */
const ENV = { PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0', PIP_ROOT_USER_ACTION: 'ignore' }

export interface PipInstall {
  /** Folder that the packages are written to. */
  target: string
  /** File of requirements with versions and hashes; nothing but wheels is installed. */
  requirements: string
  report: (line: string) => void
}

/**
 * Installs packages into a folder with pip: Python's own, or where it has none, as on a fresh Debian, one that the
 * system's package manager downloads.
 * @throws Error with the command that failed and the end of its output
 */
export async function pipInstall(
  python: string,
  { target, requirements, report }: PipInstall,
): Promise<void> {
  const pip = await locatePip(python, report)
  await runTool(python, [...pip, ...INSTALL, '--target', target, '--requirement', requirements], { env: ENV })
}

/** The arguments that have this Python run pip. */
async function locatePip(python: string, report: (line: string) => void): Promise<string[]> {
  const hasPip = await runTool(python, ['-m', 'pip', '--version']).then(
    () => true,
    () => false,
  )
  if (hasPip) return ['-m', 'pip']
  // A wheel is a zip file, from which Python runs a folder as it is.
  return [`${(await findWheel()) ?? (await downloadWheel(python, report))}/pip`]
}
