import { collectProblems, refusePlan } from '../config/problems.ts'
import { chooseProvers, type ChosenProver } from '../config/provers.ts'
import { resolveConfig, type ReadConfig, type ResolvedConfig } from '../config/resolve.ts'
import { suggestName } from '../lib/names.ts'
import { resolve } from 'node:path'
import { type Problem, ProvemarkError } from '../errors.ts'
import type { PlannedTrack } from '../plan/plan.ts'
import type { Point } from '../point/point.ts'
import { planPoints, resultsFileOf } from '../track/plan-points.ts'
import { isShared } from '../prover/contract.ts'

export interface ResolvedRun {
  resolved: ResolvedConfig
  provers: ChosenProver[]
  tracks: TrackWithPoints[]
}

/** The inputs of one project of a run. */
interface ReadProject {
  /** Shown if a run has several. */
  name: string
  root: string
  /** Vitest's own root, which paths in an inherited config or a flag may be relative to. */
  sharedRoot: string
  read: ReadConfig
}

/**
 * Resolves the options, provers and points of a run, project by project.
 * @throws ProvemarkError CONFIG_INVALID listing everything that is wrong in any of them
 */
export async function resolveRun(projects: readonly ReadProject[]): Promise<ResolvedRun[]> {
  const resolved: (ResolvedRun & PlannedTracks)[] = []
  const problems: Problem[] = []
  for (const project of projects) {
    const own = [...project.read.problems]
    const found = await resolveProject(project, own)
    if (found) resolved.push(found)
    problems.push(...(projects.length > 1 ? own.map((problem) => nameProject(problem, project.name)) : own))
  }
  // If a project or track is missing, its points would wrongly count as unknown.
  if (!problems.length) problems.push(...findUnknownPoints(resolved))
  if (problems.length) throw refusePlan(problems)
  return resolved
}

async function resolveProject({ root, sharedRoot, read }: ReadProject, problems: Problem[]) {
  const { run } = read
  if (!run) return undefined
  const provers = await collectProblems(problems, () =>
    chooseProvers(run.provers, { ...run, root, sharedRoot }),
  )
  const planned = await collectProblems(problems, () => planTracks({ ...read, run }, root))
  if (provers && planned) problems.push(...findUnknownParams(provers, planned.tracks))
  if (provers && run.launcher) problems.push(...refuseLaunched(provers))
  if (run.concurrency && read.command?.interleave)
    problems.push({ where: '--concurrency', expected: 'none, since the iterations of two provers alternate' })
  if (provers && run.page_cache !== 'as-is') problems.push(...refuseShared(provers, run.page_cache))
  if (problems.length || !provers || !planned) return undefined
  return { resolved: resolveConfig(read), provers, ...planned }
}

/** What stays loaded is talked to on this machine, and a launcher may start it on another. */
function refuseLaunched(provers: readonly ChosenProver[]): Problem[] {
  const loaded = provers.filter(({ prover }) => prover.warm || prover.service)
  return loaded.map(({ prover }) => ({
    where: '--launcher',
    expected: `none for the prover ${prover.name}, which stays loaded between its phases`,
  }))
}

/** What a process that runs several phases reads cannot be dropped or read in between them. */
function refuseShared(provers: readonly ChosenProver[], given: string): Problem[] {
  const shared = provers.filter(({ prover: { phases } }) => Object.values(phases).some(isShared))
  return shared.map(({ prover }) => ({
    where: '--page-cache',
    expected: `as-is for the prover ${prover.name}, whose phases share a process`,
    given,
  }))
}

/** A command that names a parameter which points of a track do not have would run without its word. */
function findUnknownParams(provers: readonly ChosenProver[], tracks: readonly TrackWithPoints[]): Problem[] {
  return provers.flatMap(({ prover: { name, params = [] } }) =>
    tracks.flatMap((track) =>
      [...new Set(params)].flatMap((param) => {
        const without = track.points.find((point) => !Object.hasOwn(point.params, param))
        if (!without) return []
        const known = Object.keys(without.params)
        const near = suggestName(param, known)
        return [
          {
            where: `{params.${param}} in the commands of the prover ${name}`,
            expected: `a parameter of the points of track ${track.name}`,
            given: `${without.id} has ${known.join(', ') || 'none'}`,
            ...(near ? { hint: near } : {}),
          },
        ]
      }),
    ),
  )
}

function findUnknownPoints(projects: readonly PlannedTracks[]): Problem[] {
  const all = projects.flatMap(({ unknownPoints }) => unknownPoints)
  return all.filter(({ given }) =>
    projects.every((own) => own.unknownPoints.some((one) => one.given === given)),
  )
}

/** Flags and variables apply to all projects; a config belongs to one. */
function nameProject(problem: Problem, name: string): Problem {
  return /^(--|PROVEMARK_)/.test(problem.where)
    ? problem
    : { ...problem, where: `project ${name}: ${problem.where}` }
}

/** Where a comparison writes its rows. */
export const COMPARE_RESULTS = 'benchmarking/compare.jsonl'

/** A track of the plan, with its points as returned by the track. */
export interface TrackWithPoints extends Omit<PlannedTrack, 'points'> {
  points: Point[]
}

/** The tracks of one project, and the ids in `--points` that none of them has. */
interface PlannedTracks {
  tracks: TrackWithPoints[]
  /** Each is an error unless another project of the run has the point. */
  unknownPoints: Problem[]
}

/**
 * The tracks of a run with their selected points.
 * @throws ProvemarkError CONFIG_INVALID listing all points that are not possible
 */
async function planTracks(
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
    found.push({
      name: track.name,
      // A track is judged by the last run in its own file, so comparisons must not be written to it.
      results: resolve(root, run.results ?? (command?.interleave ? COMPARE_RESULTS : resultsFileOf(track))),
      params,
      points,
      empty: track.empty ?? `track ${track.name} has no points`,
    })
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
  const isWanted = ({ id }: Point) => run.points?.includes(id) ?? true
  return {
    tracks: found.map((track) => ({ ...track, points: track.points.filter(isWanted) })),
    unknownPoints,
  }
}
