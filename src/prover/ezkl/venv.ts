import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir } from '../../lib/cache.ts'
import { ProvemarkError } from '../../errors.ts'
import { findPython, makeVenvAt, pythonOf } from '../../system/python/venv.ts'
import { packageRoot } from '../../lib/package-root.ts'

/** Python of the environment with the pinned package; undefined if it is not set up. */
export function findVenvPython(): string | undefined {
  const python = pythonOf(venvDir())
  return existsSync(python) ? python : undefined
}

/**
 * Makes the environment with only a Python 3 required. Versions and hashes are pinned, and only wheels are installed.
 * Returns its Python.
 * @throws ProvemarkError PROVER_NOT_FOUND without a Python, PROVER_SETUP_FAILED
 */
export async function makeVenv(onProgress: (line: string) => void = () => {}): Promise<string> {
  const venv = venvDir()
  const system = await findPython()
  if (!system) {
    throw new ProvemarkError('PROVER_NOT_FOUND', 'prover ezkl: no python3 on PATH', {
      hint: 'install Python 3.8 or newer, then: npx provemark setup ezkl',
    })
  }
  onProgress(`setting up its Python environment in ${venv} (a download of some 15 MB)`)
  try {
    await makeVenvAt(venv, system, { requirements: requirementsFile(), report: onProgress })
  } catch (error) {
    throw new ProvemarkError('PROVER_SETUP_FAILED', `prover ezkl: ${(error as Error).message}`, {
      hint: 'check the network and the output above, and try again',
      cause: error,
    })
  }
  onProgress('ready')
  return pythonOf(venv)
}

/** One environment for each version of the requirements. */
function venvDir(): string {
  const digest = createHash('sha256').update(readFileSync(requirementsFile())).digest('hex').slice(0, 12)
  return cacheDir('ezkl', `venv-${digest}`)
}

function requirementsFile(): string {
  return join(packageRoot(), 'src/prover/ezkl/requirements.txt')
}
