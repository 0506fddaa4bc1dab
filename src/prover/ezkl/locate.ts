import { basename } from 'node:path'
import which from 'which'
import { ProvemarkError } from '../../errors.ts'
import { digestFile } from '../../lib/file-digest.ts'
import type { LocatedProver, LocateOptions } from '../contract.ts'
import { describeProgram, findExecutable } from '../executable.ts'
import { findVenvPython, makeVenv } from './venv.ts'

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
  throw new ProvemarkError(
    'PROVER_NOT_FOUND',
    'prover ezkl: no ezkl on PATH, and its Python package is not set up',
    {
      hint: HINT,
    },
  )
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
  throw new ProvemarkError(
    'PROVER_NOT_FOUND',
    `prover ezkl: ${python} cannot load the package ezkl: ${reason}`,
    {
      hint: 'npx provemark setup ezkl makes an environment that can; or name a Python that has it: --prover ezkl,bin=PATH',
    },
  )
}
