import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

type VitestApi = typeof import('vitest')

/** What Vitest tells a worker of its project. */
interface WorkerState {
  config?: { root?: string }
}

/**
 * Registers a track as skipped where the plugin is in a config beside the one in use, as `provemark init` puts it
 * beside a config of the project: the project's own `vitest bench` finds the file, too. Returns whether it did.
 */
export function skipTrack(name: string): boolean {
  // oxlint-disable-next-line no-underscore-dangle -- Vitest's own name
  const worker = (globalThis as { __vitest_worker__?: WorkerState }).__vitest_worker__
  if (!worker) return false
  const config = findBenchConfig(worker.config?.root ?? process.cwd())
  if (config === undefined) return false
  const { describe, test } = loadVitest()
  describe.skip(name, () => test(`runs with --config ${config}`, () => {}))
  return true
}

function findBenchConfig(root: string): string | undefined {
  const files = readdirSync(root).filter((file) => /^vitest\.bench\.config\.[cm]?[jt]s$/.test(file))
  return files.find((file) => readFileSync(join(root, file), 'utf8').includes('provemark/plugin'))
}

/** An import of Vitest would load it wherever a module of ours is used; in its worker it is there already. */
function loadVitest(): VitestApi {
  const require = createRequire(import.meta.url)
  return require(join(dirname(require.resolve('vitest/package.json')), 'dist/index.js')) as VitestApi
}
