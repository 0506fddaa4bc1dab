import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import type { Point } from '../point/point.ts'

/** What every track gets in addition to its own parameters. */
export interface TrackContext {
  seed: number
  /** Absolute path of Vitest's root folder: relative paths of models and inputs start here. */
  root: string
}

export interface TrackDefinition<Params extends z.ZodObject = z.ZodObject> {
  /** Name of the suite, of the config section and of the results file. */
  name: string
  /** Parameters with units, bounds and defaults; each key is a config key and, with dashes, a flag. */
  params: Params
  /** Defaults by profile, overriding those of the schema. */
  profiles?: Record<string, Partial<z.input<Params>>>
  /** Results file below benchmarking/; default `NAME.jsonl`. */
  results?: string
  /**
   * The points of the track, in the order in which they run.
   * @throws ProvemarkError CONFIG_INVALID with the name of the invalid point
   */
  points: (params: z.output<Params>, context: TrackContext) => Point[] | Promise<Point[]>
  /** Shown as a skipped case if there are no points. */
  empty?: string
}

/** Called with every track that a bench file defines: the plugin collects them, a worker runs them. */
export type TrackListener = (track: TrackDefinition) => void

// The config, the bench files and the worker each load a separate copy of this module: only a global is shared.
const LISTENER = Symbol.for('provemark.track-listener')
const shared = globalThis as { [LISTENER]?: TrackListener }

export function listenToTracks(listener: TrackListener | undefined): void {
  if (listener) shared[LISTENER] = listener
  else delete shared[LISTENER]
}

/** Defines a benchmark suite for a family of models. Call it at the top level of a `*.bench.ts` file. */
export function defineTrack<Params extends z.ZodObject>(track: TrackDefinition<Params>): void {
  const listener = shared[LISTENER]
  if (!listener) {
    if (skipTrack(track.name)) return
    throw new ProvemarkError(
      'CONFIG_INVALID',
      `track ${track.name}: provemark's plugin is not in the Vitest config of this file's project`,
      {
        hint: "add plugins: [provemark()] from 'provemark/plugin' to it; each entry of test.projects needs its own, or extends: true",
      },
    )
  }
  listener(track as unknown as TrackDefinition)
}

type VitestApi = typeof import('vitest')

/** What a Vitest worker knows about its project. */
interface WorkerState {
  config?: { root?: string }
}

/**
 * Registers a track as skipped if the plugin is in a different config next to the one in use. `provemark init` writes
 * its config next to the project's own, and the `vitest bench` of that one finds the bench file too. Returns whether
 * it did.
 */
function skipTrack(name: string): boolean {
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

/** Importing Vitest here would load it wherever this module is used; a Vitest worker has loaded it already. */
function loadVitest(): VitestApi {
  const require = createRequire(import.meta.url)
  return require(join(dirname(require.resolve('vitest/package.json')), 'dist/index.js')) as VitestApi
}
