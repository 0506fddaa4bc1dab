import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { realpathSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, isAbsolute, resolve } from 'node:path'
import { promisify } from 'node:util'
import which from 'which'
import { ProvemarkError } from '../errors.ts'
import { digestFile } from '../lib/files.ts'
import { explainSpawn } from '../process/explain-spawn.ts'
import type { LocatedProver } from './contract.ts'

// Every start of a run waits for this import: execa alone would load over a hundred modules.
const run = promisify(execFile)
/** Timeout for a program to print its version, ms: Python provers take seconds to start. */
const VERSION_TIMEOUT_MS = 30_000

/**
 * Finds an executable on PATH, or uses the path given by the user.
 * @throws ProvemarkError PROVER_NOT_FOUND
 */
export async function findExecutable(name: string, bin: string | undefined, hint: string): Promise<string> {
  const found = await which(bin ? resolve(bin) : name, { nothrow: true })
  if (found) return found
  const why = bin === undefined ? undefined : explainSpawn({ file: resolve(bin), cwd: '/' })
  const unusable = why ? `${resolve(bin!)} does not run: ${why}` : bin && `no executable at ${resolve(bin)}`
  const missing = unusable || `no ${name} on PATH`
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

function ask(bin: string, args: readonly string[]) {
  const running = run(bin, args, { timeout: VERSION_TIMEOUT_MS })
  running.child.stdin?.end()
  return running
}

/** The JSON that a program prints; undefined if it fails or prints something else. */
export async function readJson(bin: string, args: readonly string[]): Promise<unknown> {
  try {
    return JSON.parse((await ask(bin, args)).stdout)
  } catch {
    return undefined
  }
}

/** The first version-like word that a program prints; 'unknown' if there is none. */
export async function readVersion(bin: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await ask(bin, args).catch(
    (failed: { stdout?: string; stderr?: string }) => failed,
  )
  return /\b\d+\.\d+(\.\d+)?([-+.][\w.-]+)?\b/.exec(`${stdout}\n${stderr}`)?.[0] ?? 'unknown'
}

/** Programs that run what their words name: a script, a module, another program. */
const INTERPRETERS =
  /^(?:(?:ba|da|z|k|fi|a|c|tc)?sh|busybox|python[\d.]*|pypy[\d.]*|node|nodejs|deno|bun|tsx|ts-node|ruby|perl|php|lua(?:jit)?[\d.]*|Rscript|julia|java|wasmtime|wasmer|wine|env|nice|ionice|time|timeout|taskset|chrt|numactl|stdbuf|setsid|nohup|sudo|srun|mpirun|mpiexec|qemu-[\w-]+)(?:\.exe)?$/
/** Programs that build or fetch what they run, or find it elsewhere. */
const BUILDERS =
  /^(?:cargo|go|npm|npx|pnpm|yarn|bunx|make|just|ninja|uv|uvx|pipx|poetry|pixi|conda|mamba|nix(?:-shell)?|bazel(?:isk)?|gradle|mvn|docker|podman|apptainer|singularity|ssh)(?:\.exe)?$/

/**
 * Distinguishes builds of a prover: the digest of its program, or if its commands name more files, of a list of all of
 * them. Null for a program that runs something that its words do not name. What a script loads is not known: `mayCache`
 * says whether equal digests mean equal circuits.
 * @param program absolute path
 * @param words of each command, that of compile first: neither the program of compile nor a placeholder
 */
export async function digestCommand(
  program: string,
  words: readonly (readonly string[])[],
): Promise<Pick<LocatedProver, 'sha256' | 'mayCache'>> {
  const names = [basename(program), basename(realpathSync(program))]
  const runsOthers = names.some((name) => INTERPRETERS.test(name))
  const builds = names.some((name) => BUILDERS.test(name))
  const files = await findFiles(words.flat(), runsOthers)
  const isWhole =
    !runsOthers && !builds && !(await isScript(program)) && !(await findFiles(words[0]!, false)).length
  const own = await digestFile(program)
  const sha256 = builds || (runsOthers && !files.length) ? null : await digestAll(own, files)
  return isWhole ? { sha256 } : { sha256, mayCache: false }
}

async function digestAll(own: string, files: readonly string[]): Promise<string> {
  if (!files.length) return own
  const hash = createHash('sha256').update(`${own}\n`)
  // Only by name: another machine has them elsewhere.
  for (const file of files) hash.update(`${await digestFile(file)}  ${basename(file)}\n`)
  return hash.digest('hex')
}

/** Files that words name by absolute path, and programs on PATH that a word of an interpreter names. */
async function findFiles(words: readonly string[], withPrograms: boolean): Promise<string[]> {
  const parts = new Set(words.flatMap((word) => [word, ...word.split(/[\s"'`=;:,|&()<>]+/)]))
  const found = await Promise.all(
    [...parts].map(async (part) => {
      if (isAbsolute(part)) return isFile(part) ? part : null
      return withPrograms && /^[\w.+]+[\w.+-]*$/.test(part) ? which(part, { nothrow: true }) : null
    }),
  )
  return [...new Set(found.filter((file) => file !== null))]
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

/** Whether an interpreter runs a program: what else it loads is not known. */
async function isScript(path: string): Promise<boolean> {
  const handle = await open(path)
  try {
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return buffer.toString('latin1') === '#!'
  } finally {
    await handle.close()
  }
}
