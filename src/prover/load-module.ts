import { existsSync } from 'node:fs'
import * as nodeModules from 'node:module'
import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { ProvemarkError } from '../errors.ts'
import { readTextIfThere } from '../lib/text.ts'
import type { Prover } from './contract.ts'

/** Whether a name in the config is the path of a module, such as `./my-prover.ts`. */
export function isModulePath(name: string): boolean {
  return isAbsolute(name) || name.startsWith('.') || /\.[cm]?[jt]s$/.test(name)
}

/**
 * The default export of a module, as a prover.
 * @param path absolute
 * @throws ProvemarkError PROVER_UNKNOWN
 */
export async function importProver(path: string): Promise<Prover> {
  if (!existsSync(path)) {
    throw new ProvemarkError('PROVER_UNKNOWN', `no such file: ${path}`, {
      hint: "a relative path starts at Vitest's root folder",
    })
  }
  const exported = await importModule(path).catch((cause: unknown) => {
    throw new ProvemarkError(
      'PROVER_UNKNOWN',
      `${path} could not be loaded: ${stripVTControlCharacters(String(cause))}`,
      {
        cause,
        hint: adviseOn(cause, path),
      },
    )
  })
  const prover = defaultOf(exported)
  if (prover?.name && prover.phases && prover.locate && prover.read) return prover as Prover
  throw new ProvemarkError('PROVER_UNKNOWN', `the default export of ${path} is not a prover`, {
    hint: 'export default defineProver({ … }), see docs/provers.md',
  })
}

/** Node's errors for a module whose syntax or extension it does not support, such as TypeScript before 22.18. */
const FOREIGN = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_INVALID_TYPESCRIPT_SYNTAX',
  'ERR_MODULE_NOT_FOUND',
  'ERR_UNSUPPORTED_DIR_IMPORT',
])

/**
 * Node itself loads what it can, so that nothing else is measured. What it cannot load, such as `import` in a
 * CommonJS package, goes through Vite, like Vitest's config.
 */
async function importModule(path: string): Promise<unknown> {
  if (isRefusedByNode(path)) return importByVite(path)
  try {
    return await import(/* @vite-ignore */ pathToFileURL(path).href)
  } catch (error) {
    const { code } = error as { code?: string }
    if (!(error instanceof SyntaxError) && !FOREIGN.has(code ?? '')) throw error
    return importByVite(path)
  }
}

/** `export` in a package that says that it is CommonJS: to try it would only make Node print a warning. */
function isRefusedByNode(path: string): boolean {
  if (
    !/\.[jt]s$/.test(path) ||
    !/^export (?:default|const|async|function|class|\{|\*)/m.test(readTextIfThere(path))
  )
    return false
  // Node before 22.14 does not tell.
  const { findPackageJSON } = nodeModules as { findPackageJSON?: (url: URL) => string | undefined }
  const manifest = findPackageJSON?.(pathToFileURL(path))
  return manifest !== undefined && typeOfPackage(manifest) === 'commonjs'
}

function typeOfPackage(manifest: string): unknown {
  try {
    return (JSON.parse(readTextIfThere(manifest)) as { type?: unknown }).type
  } catch {
    return undefined
  }
}

async function importByVite(path: string): Promise<unknown> {
  const { runnerImport } = await import('vite')
  const { module } = await runnerImport(path, {
    configFile: false,
    logLevel: 'silent',
    oxc: { include: /\.[cm]?tsx?$/ },
  })
  return module
}

/** CommonJS compiled from TypeScript has its default export one level deeper. */
function defaultOf(exported: unknown): Partial<Prover> | undefined {
  const { default: own } = exported as { default?: Partial<Prover> & { default?: Partial<Prover> } }
  return own && !own.name && own.default ? own.default : own
}

function adviseOn(cause: unknown, path: string): string {
  if (cause instanceof ProvemarkError && cause.hint) return cause.hint
  const text = String(cause)
  if (/(require|module|exports) is not defined/.test(text))
    return 'Node reads it as an ES module: use import and export default, or let its name end in .cjs or .cts'
  // Vite marks what it could not read itself.
  if ('runnerError' in Object(cause))
    return `Node and Vite read it as TypeScript or an ES module, without the aliases of a config: import by relative paths`
  return `node ${path} tells more`
}
