import type { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import type { Point } from '../point/point.ts'
import { skipTrack } from './skip-track.ts'

/** What every track gets beside its own parameters. */
export interface TrackContext {
  seed: number
  /** Absolute path of Vitest's root folder: relative paths of models and inputs start there. */
  root: string
}

export interface TrackDefinition<Params extends z.ZodObject = z.ZodObject> {
  /** Name of the suite, of the config section and of the results file. */
  name: string
  /** Parameters with units, bounds and defaults; each key is a config key and, with dashes, a flag. */
  params: Params
  /** Defaults by profile, over those of the schema. */
  profiles?: Record<string, Partial<z.input<Params>>>
  /** Results file below benchmarking/; default `NAME.jsonl`. */
  results?: string
  /**
   * The points of the track, in the order in which they run.
   * @throws ProvemarkError CONFIG_INVALID naming the point that cannot be.
   */
  points: (params: z.output<Params>, context: TrackContext) => Point[] | Promise<Point[]>
  /** Shown as a skipped case where there are no points. */
  empty?: string
}

/** Called with every track that a bench file defines: the plugin collects them, a worker runs them. */
export type TrackListener = (track: TrackDefinition) => void

// The config, the bench files and the worker each load this module on their own: only a global is common to them.
const LISTENER = Symbol.for('provemark.track-listener')
const shared = globalThis as { [LISTENER]?: TrackListener }

export function listenToTracks(listener: TrackListener | undefined): void {
  if (listener) shared[LISTENER] = listener
  else delete shared[LISTENER]
}

/** Makes a benchmark suite of a family of models. Call it at the top level of a `*.bench.ts` file. */
export function defineTrack<Params extends z.ZodObject>(track: TrackDefinition<Params>): void {
  const listener = shared[LISTENER]
  if (!listener) {
    if (skipTrack(track.name)) return
    throw new ProvemarkError(
      'CONFIG_INVALID',
      `track ${track.name}: provemark's plugin is not in the Vitest config of this file's project`,
      {
        hint: "add plugins: [provemark()] from 'provemark/plugin' to it; a project of test.projects has its own, or extends: true",
      },
    )
  }
  listener(track as unknown as TrackDefinition)
}
