import { resolve } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import type { Prover } from './contract.ts'
import { importProver, isModulePath } from './load-module.ts'

/**
 * The provers that come with the package, each loaded only when used. A new one is added here and in a separate file.
 */
const BUILT_IN = new Map<string, () => Promise<Prover>>([
  ['gnark', async () => (await import('./gnark.ts')).gnark],
  ['ezkl', async () => (await import('./ezkl.ts')).ezkl],
  ['jst', async () => (await import('./jst.ts')).jst],
  ['jstprove', async () => (await import('./jstprove.ts')).jstprove],
  ['jstprove-remainder', async () => (await import('./jstprove-remainder.ts')).jstproveRemainder],
])

export const PROVER_NAMES: readonly string[] = [...BUILT_IN.keys()]

/**
 * A built-in prover by name, or the default export of a module by path.
 * @param root folder that a relative path starts from
 * @throws ProvemarkError PROVER_UNKNOWN
 */
export async function loadProver(name: string, root: string): Promise<Prover> {
  if (isModulePath(name)) return importProver(resolve(root, name))
  const load = BUILT_IN.get(name)
  if (load) return load()
  throw new ProvemarkError('PROVER_UNKNOWN', `no prover is called ${JSON.stringify(name)}`, {
    hint: `known: ${PROVER_NAMES.join(', ')}; to use your own module, pass its path, such as ./my-prover.ts`,
  })
}

/** Whether a prover can run on this machine, and if not, the command that fixes it. */
export type Examination = { name: string; title: string } & (
  | {
      status: 'ok'
      version: string
      bin: string
      sha256: string | null
      variant: string | null
      /** Where one of our own programs comes from: its platform's package, or a build on this machine. */
      origin: 'prebuilt' | 'built' | null
    }
  | { status: 'missing'; code: string; message: string; hint: string | null }
)

/** Looks for a prover; nothing is built or downloaded. */
export async function examineProver({ name, title, locate }: Prover, bin?: string): Promise<Examination> {
  try {
    const located = await locate({ build: false, ...(bin ? { bin } : {}) })
    const { version, bin: path, sha256, variant = null, origin = null } = located
    return { name, title, status: 'ok', version, bin: path, sha256, variant, origin }
  } catch (error) {
    if (!(error instanceof ProvemarkError)) throw error
    const { code, message, hint = null } = error
    return { name, title, status: 'missing', code, message, hint }
  }
}
