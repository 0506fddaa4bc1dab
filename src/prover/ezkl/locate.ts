import { basename } from 'node:path'
import which from 'which'
import { ProvemarkError } from '../../errors.ts'
import type { LocatedProver, LocateOptions } from '../contract.ts'
import { describeProgram, findExecutable } from '../executable.ts'
import { describePackage } from './package.ts'
import { findVenvPython, makeVenv } from './venv.ts'

const HINT = 'npx provemark setup ezkl'

/**
 * The command or the Python that the user names, else the command on PATH, else our own environment with the pinned
 * package, which is made where it is not there.
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
