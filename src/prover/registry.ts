import { resolve } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import type { Prover } from './contract.ts'
import { ezkl } from './ezkl.ts'
import { gnark } from './gnark.ts'
import { jst } from './jst.ts'
import { jstprove } from './jstprove.ts'
import { importProver, isModulePath } from './load-module.ts'

/** The provers that come with the package. A new one is added here and in a file of its own. */
export const PROVERS: readonly Prover[] = [gnark, ezkl, jst, jstprove]

/**
 * A built-in prover by name, or the default export of a module by path.
 * @param root folder that a relative path starts from
 * @throws ProvemarkError PROVER_UNKNOWN
 */
export async function loadProver(name: string, root: string): Promise<Prover> {
  if (isModulePath(name)) return importProver(resolve(root, name))
  const prover = PROVERS.find((known) => known.name === name)
  if (prover) return prover
  throw new ProvemarkError('PROVER_UNKNOWN', `no prover is called ${JSON.stringify(name)}`, {
    hint: `known: ${PROVERS.map((known) => known.name).join(', ')}; a module of your own is given by its path, as ./my-prover.ts`,
  })
}
