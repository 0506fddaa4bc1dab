import { collectProblems, refusePlan, type Problem } from '../config/problems.ts'
import { chooseProvers, type ChosenProver } from '../config/provers.ts'
import { resolveConfig, type ReadConfig, type ResolvedConfig } from '../config/resolve.ts'
import { planTracks, type PlannedTracks, type TrackWithPoints } from './plan-tracks.ts'

export interface ResolvedRun {
  resolved: ResolvedConfig
  provers: ChosenProver[]
  tracks: TrackWithPoints[]
}

/** What is read of one project of a run. */
interface ReadProject {
  /** Shown where a run has several. */
  name: string
  root: string
  /** Vitest's own root: where a path that an inherited config or a flag gives may start, too. */
  sharedRoot: string
  read: ReadConfig
}

/**
 * What a run is made of, project by project: options, provers and points.
 * @throws ProvemarkError CONFIG_INVALID with all that is wrong with any of them
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
  // With a project or a track missing, its points would seem to be unknown.
  if (!problems.length) problems.push(...findUnknownPoints(resolved))
  if (problems.length) throw refusePlan(problems)
  return resolved
}

async function resolveProject({ root, sharedRoot, read }: ReadProject, problems: Problem[]) {
  const { run } = read
  if (!run) return undefined
  const provers = await collectProblems(problems, () =>
    chooseProvers(run.provers, { root, sharedRoot, threads: run.threads }),
  )
  const planned = await collectProblems(problems, () => planTracks({ ...read, run }, root))
  if (problems.length || !provers || !planned) return undefined
  return { resolved: resolveConfig(read), provers, ...planned }
}

function findUnknownPoints(projects: readonly PlannedTracks[]): Problem[] {
  const all = projects.flatMap(({ unknownPoints }) => unknownPoints)
  return all.filter(({ given }) =>
    projects.every((own) => own.unknownPoints.some((one) => one.given === given)),
  )
}

/** A flag or a variable is one for all projects; a config is one project's. */
function nameProject(problem: Problem, name: string): Problem {
  return /^(--|PROVEMARK_)/.test(problem.where)
    ? problem
    : { ...problem, where: `project ${name}: ${problem.where}` }
}
