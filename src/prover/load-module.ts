import { existsSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ProvemarkError } from '../errors.ts'
import type { Prover } from './contract.ts'

/** Whether a name of the config is the path of a module, as `./my-prover.ts` is. */
export function isModulePath(name: string): boolean {
  return isAbsolute(name) || name.startsWith('.') || /\.[cm]?[jt]s$/.test(name)
}

/**
 * The prover that a module exports as its default.
 * @param path absolute
 * @throws ProvemarkError PROVER_UNKNOWN
 */
export async function importProver(path: string): Promise<Prover> {
  if (!existsSync(path)) {
    throw new ProvemarkError('PROVER_UNKNOWN', `there is no file ${path}`, {
      hint: "a relative path starts at Vitest's root folder",
    })
  }
  const exported = await import(/* @vite-ignore */ pathToFileURL(path).href).catch((cause: unknown) => {
    throw new ProvemarkError('PROVER_UNKNOWN', `${path} could not be loaded: ${String(cause)}`, {
      cause,
      hint: `node ${path} tells more`,
    })
  })
  const prover = (exported as { default?: Partial<Prover> }).default
  if (prover?.name && prover.phases && prover.locate && prover.read) return prover as Prover
  throw new ProvemarkError('PROVER_UNKNOWN', `the default export of ${path} is not a prover`, {
    hint: 'export default defineProver({ … }), see docs/provers.md',
  })
}
