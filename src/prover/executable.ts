import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import which from 'which'
import { ProvemarkError } from '../errors.ts'
import { digestFile } from '../lib/file-digest.ts'
import { isScript } from './command-digest.ts'
import { explainSpawn } from '../process/explain-spawn.ts'
import type { LocatedProver } from './contract.ts'

// Every start of a run waits for this import: execa alone would load over a hundred modules.
const run = promisify(execFile)
/** Timeout for a program to say what it is, ms: Python provers take seconds to start. */
const VERSION_TIMEOUT_MS = 30_000

/**
 * Finds an executable on PATH, or uses the path given by the user.
 * @throws ProvemarkError PROVER_NOT_FOUND
 */
export async function findExecutable(name: string, bin: string | undefined, hint: string): Promise<string> {
  const found = await which(bin ? resolve(bin) : name, { nothrow: true })
  if (found) return found
  const why = bin === undefined ? undefined : explainSpawn({ file: resolve(bin), cwd: '/' })
  if (why)
    throw new ProvemarkError('PROVER_NOT_FOUND', `prover ${name}: ${resolve(bin!)} does not run: ${why}`, {
      hint,
    })
  const missing = bin ? `no executable at ${resolve(bin)}` : `no ${name} on PATH`
  throw new ProvemarkError('PROVER_NOT_FOUND', `prover ${name}: ${missing}`, { hint })
}

/**
 * Version and digest of an executable.
 * @param version the version itself, or arguments to ask for it
 */
export async function describeExecutable(
  path: string,
  version: string | readonly string[],
): Promise<LocatedProver> {
  const bin = await findExecutable(path, path, 'give the path of an executable file as bin=PATH')
  const [said, sha256] = await Promise.all([
    typeof version === 'string' ? version : readVersion(bin, version),
    digestFile(bin),
  ])
  return { bin, version: said, sha256 }
}

/**
 * Like `describeExecutable`. The digest of a script, as installed by pip, does not cover the package that it loads.
 */
export async function describeProgram(path: string, version: readonly string[]): Promise<LocatedProver> {
  const located = await describeExecutable(path, version)
  return (await isScript(located.bin)) ? { ...located, mayCache: false } : located
}

/** The JSON that a program prints; undefined if it fails or prints something else. */
export async function readJson(bin: string, args: readonly string[]): Promise<unknown> {
  try {
    const running = run(bin, args, { timeout: VERSION_TIMEOUT_MS })
    running.child.stdin?.end()
    return JSON.parse((await running).stdout)
  } catch {
    return undefined
  }
}

/** The first version-like word that a program prints; 'unknown' if there is none. */
export async function readVersion(bin: string, args: readonly string[]): Promise<string> {
  const running = run(bin, args, { timeout: VERSION_TIMEOUT_MS })
  running.child.stdin?.end()
  const { stdout, stderr } = await running.catch((failed: { stdout?: string; stderr?: string }) => failed)
  return /\b\d+\.\d+(\.\d+)?([-+.][\w.-]+)?\b/.exec(`${stdout}\n${stderr}`)?.[0] ?? 'unknown'
}
