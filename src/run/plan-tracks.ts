import { resolve } from 'node:path'
import { refusePlan, type Problem } from '../config/problems.ts'
import type { ReadConfig, ResolvedConfig } from '../config/resolve.ts'
import { ProvemarkError } from '../errors.ts'
import type { PlannedTrack } from '../plan/plan.ts'
import type { Point } from '../point/point.ts'
import { suggestName } from '../lib/suggest-name.ts'
import { planPoints, resultsFileOf } from '../track/plan-points.ts'

/** Results file of comparisons. */
/** Where a comparison writes its rows. */
export const COMPARE_RESULTS = 'benchmarking/compare.jsonl'

/** A track of the plan, with its points as returned by the track. */
export interface TrackWithPoints {
  planned: PlannedTrack
  points: Point[]
}

/** The tracks of one project, and the ids in `--points` that none of them has. */
export interface PlannedTracks {
  tracks: TrackWithPoints[]
  /** Each is an error unless another project of the run has the point. */
  unknownPoints: Problem[]
}

/**
 * The tracks of a run with their selected points.
 * @throws ProvemarkError CONFIG_INVALID listing all points that are not possible
 */
export async function planTracks(
  { run, command, tracks }: Pick<ReadConfig, 'command' | 'tracks'> & Pick<ResolvedConfig, 'run'>,
  root: string,
): Promise<PlannedTracks> {
  const problems: Problem[] = []
  const found: TrackWithPoints[] = []
  for (const { track, params } of tracks) {
    const points = await planPoints(track, params, { ...run, root }).catch((error: unknown) => {
      if (!(error instanceof ProvemarkError)) throw error
      problems.push({
        where: `track ${track.name}`,
        expected: 'a plan that can run',
        given: error.message,
        hint: error.hint,
      })
      return []
    })
    const planned = {
      name: track.name,
      // A track is judged by the last run in its own file, so comparisons must not be written to it.
      results: resolve(root, run.results ?? (command?.interleave ? COMPARE_RESULTS : resultsFileOf(track))),
      params,
      points: [],
      empty: track.empty ?? `track ${track.name} has no points`,
    }
    found.push(keepPoints({ planned, points }, () => true))
  }
  if (problems.length) throw refusePlan(problems)
  const ids = found.flatMap(({ points }) => points.map(({ id }) => id))
  const unknown = (run.points ?? []).filter((wanted) => !ids.includes(wanted))
  const unknownPoints = unknown.map((wanted) => ({
    where: '--points',
    expected: 'ids of points of the selected tracks',
    given: wanted,
    hint: suggestName(wanted, ids),
  }))
  const wanted = run.points && new Set(run.points)
  return {
    tracks: found.map((track) => keepPoints(track, ({ id }) => wanted?.has(id) ?? true)),
    unknownPoints,
  }
}

/** The same track with only some of its points. */
export function keepPoints(
  { planned, points }: TrackWithPoints,
  isKept: (point: Point) => boolean,
): TrackWithPoints {
  const kept = points.filter(isKept)
  return { planned: { ...planned, points: kept.map(({ id, params }) => ({ id, params })) }, points: kept }
}
