import { collectProblems, refusePlan } from '../config/problems.ts'
import { chooseProvers, type ChosenProver } from '../config/provers.ts'
import { resolveConfig, type ReadConfig, type ResolvedConfig } from '../config/resolve.ts'
import { planTracks, type TrackWithPoints } from './plan-tracks.ts'

export interface ResolvedRun {
  resolved: ResolvedConfig
  provers: ChosenProver[]
  tracks: TrackWithPoints[]
}

/**
 * What a run is made of: options, provers and points.
 * @throws ProvemarkError CONFIG_INVALID with all that is wrong with any of them
 */
export async function resolveRun(read: ReadConfig, root: string): Promise<ResolvedRun> {
  const problems = [...read.problems]
  const { run } = read
  const provers =
    run && (await collectProblems(problems, () => chooseProvers(run.provers, { root, threads: run.threads })))
  // With a track missing, its points would seem to be unknown.
  const wanted = run && (read.problems.length ? { ...run, points: undefined } : run)
  const tracks = wanted && (await collectProblems(problems, () => planTracks({ ...read, run: wanted }, root)))
  if (problems.length || !provers || !tracks) throw refusePlan(problems)
  return { resolved: resolveConfig(read), provers, tracks }
}
