import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import which from 'which'
import { ProvemarkError } from '../../errors.ts'
import { cacheDir } from '../../lib/cache.ts'
import { digestFile } from '../../lib/files.ts'
import { packageRoot } from '../../lib/own-package.ts'
import { findPython, makeVenvAt, pythonOf } from '../../system/python.ts'
import type { LocateOptions, LocatedProver } from '../contract.ts'
import { describeProgram, findExecutable } from '../executable.ts'

const HINT = 'npx provemark setup ezkl'

/**
 * The command or the Python given by the user, else the command on PATH, else provemark's own environment with the
 * pinned package, which is made if it is missing.
 */
export async function locateEzkl({ bin, build = true, onProgress }: LocateOptions): Promise<LocatedProver> {
  if (bin) {
    const path = await findExecutable('ezkl', bin, HINT)
    return isPython(path) ? describePackage(path) : describeCommand(path)
  }
  const command = await which('ezkl', { nothrow: true })
  if (command) return describeCommand(command)
  const python = findVenvPython() ?? (build ? await makeVenv(onProgress) : undefined)
  if (python) return describePackage(python)
  const missing = 'prover ezkl: no ezkl on PATH, and its Python package is not set up'
  throw new ProvemarkError('PROVER_NOT_FOUND', missing, { hint: HINT })
}

function isPython(path: string): boolean {
  return /^python[\d.]*(\.exe)?$/.test(basename(path))
}

async function describeCommand(path: string): Promise<LocatedProver> {
  return { ...(await describeProgram(path, ['--version'])), variant: 'command' }
}

/** The version, and the digest of the library that proves, which is more specific than that of the interpreter. */
const ASK = `
import importlib.metadata, ezkl.ezkl
print(importlib.metadata.version('ezkl'))
print(ezkl.ezkl.__file__)
`

/**
 * ezkl as a package of a Python.
 * @throws ProvemarkError PROVER_NOT_FOUND if that Python has no ezkl
 */
async function describePackage(python: string): Promise<LocatedProver> {
  const { execa } = await import('execa')
  const { exitCode, stdout, stderr, message } = await execa(python, ['-c', ASK], {
    reject: false,
    stdin: 'ignore',
  })
  const [version, library] = String(stdout).split(/\r?\n/)
  if (exitCode === 0 && version && library)
    return { bin: python, version, sha256: await digestFile(library), variant: 'package' }
  const reason = String(stderr).trim().split('\n').at(-1) || message
  const unusable = `prover ezkl: ${python} cannot load the package ezkl: ${reason}`
  throw new ProvemarkError('PROVER_NOT_FOUND', unusable, {
    hint: 'npx provemark setup ezkl makes an environment that can; or name a Python that has it: --prover ezkl,bin=PATH',
  })
}

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
