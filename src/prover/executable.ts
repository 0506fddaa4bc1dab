import { resolve } from 'node:path'
import { execa } from 'execa'
import which from 'which'
import { ProvemarkError } from '../errors.ts'
import { digestFile } from '../file-digest.ts'
import type { LocatedProver } from './contract.ts'

/** Longest wait for a program to say its version, ms: Python provers take seconds to start. */
const VERSION_TIMEOUT_MS = 30_000

/**
 * Finds an executable on PATH, or takes the path the user gave.
 * @throws ProvemarkError PROVER_NOT_FOUND
 */
export async function findExecutable(name: string, bin: string | undefined, hint: string): Promise<string> {
  const found = await which(bin ? resolve(bin) : name, { nothrow: true })
  if (found) return found
  const missing = bin ? `no executable at ${resolve(bin)}` : `no ${name} on PATH`
  throw new ProvemarkError('PROVER_NOT_FOUND', `prover ${name}: ${missing}`, { hint })
}

/**
 * Version and digest of an executable.
 * @param version the version itself, or arguments to ask for it: the first version-like word that is printed counts,
 * 'unknown' where there is none
 */
export async function describeExecutable(
  path: string,
  version: string | readonly string[],
): Promise<LocatedProver> {
  const bin = await findExecutable(path, path, 'give the path of an executable file as bin=PATH')
  const asked = typeof version === 'string' ? version : await readVersion(bin, version)
  return { bin, version: asked, sha256: await digestFile(bin) }
}

async function readVersion(bin: string, args: readonly string[]): Promise<string> {
  const { all = '' } = await execa(bin, args, {
    all: true,
    reject: false,
    timeout: VERSION_TIMEOUT_MS,
    stdin: 'ignore',
  })
  return /\b\d+\.\d+(\.\d+)?([-+.][\w.-]+)?\b/.exec(all)?.[0] ?? 'unknown'
}
