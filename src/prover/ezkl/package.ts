import { ProvemarkError } from '../../errors.ts'
import { digestFile } from '../../file-digest.ts'
import type { LocatedProver } from '../contract.ts'

/** The version, and the library that proves: its digest says more than that of the interpreter. */
const ASK = `
import importlib.metadata, ezkl.ezkl
print(importlib.metadata.version('ezkl'))
print(ezkl.ezkl.__file__)
`

/**
 * ezkl as a package of a Python.
 * @throws ProvemarkError PROVER_NOT_FOUND where that Python has no ezkl
 */
export async function describePackage(python: string): Promise<LocatedProver> {
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
