import type { Vitest } from 'vitest/node'
import { splitAtDashes, renderHelp } from '../config/flags.ts'
import { readConfig } from '../config/resolve.ts'
import { isGated } from '../gate/options.ts'
import type { Plan } from '../plan/plan.ts'
import { checkAppendable } from '../row/write.ts'
import { findFault } from '../point/point-files.ts'
import { requirePageCache } from '../point/page-cache.ts'
import type { Machine } from '../row/schema.ts'
import { readMachine, warnAboutMachine } from '../system/machine.ts'
import { describeShard, renderDryRun } from './forecast.ts'
import { type BenchProject, findProjects, findTracks, type FoundTracks, isOurRun } from './find-tracks.ts'
import type { GatheredProject } from './gather.ts'
import { isWatched, checkOutputs, placeGateFiles } from './output.ts'
import { type HeldResources, lockMachine, makePrivate, openRunFolder, warnOfWorkDir } from './resources.ts'
import type { PlannedGate } from './plan-gate.ts'
import { planRun } from './plan-run.ts'
import { type ResolvedRun, resolveRun } from './resolve-run.ts'
import { startResuming } from './resume-run.ts'
import { readShard } from './shard.ts'

/** A project of the run with its plan. */
export interface PreparedProject extends FoundTracks, ResolvedRun {
  plan: Plan
  gate: PlannedGate | undefined
  /** Whether it is the only one, and so needs no name. */
  isAlone: boolean
}

export interface PreparedRun {
  projects: PreparedProject[]
  /** Projects that take no part in this run. */
  idle: BenchProject[]
}

interface PrepareSources {
  vitest: Vitest
  projects: readonly GatheredProject[]
  held: HeldResources
  /** Absent for the first run of a process. */
  rerun?: Rerun
}

interface Rerun {
  /** The number of this run in its process, from 2. */
  count: number
  /** Whether a changed file of a project runs again. */
  isRerun: (project: BenchProject, file: string) => boolean
}

/**
 * Plans the run of all projects, locks the machine and creates the run folder. Undefined if only plain benches will
 * run.
 */
export async function prepareRun(sources: PrepareSources): Promise<PreparedRun | undefined> {
  const { vitest, projects, held, rerun } = sources
  held.release()
  // Asks git, which takes a while; the rest continues meanwhile.
  const machine = readMachine()
  const benches = limitToRerun(await findProjects(projects), rerun)
  const argv = splitAtDashes(process.argv)[1]
  const isOurs = rerun ? benches.some(({ files }) => files.length) : await isOurRun(vitest, benches)
  if (!isOurs && (!argv.length || rerun)) return undefined
  const tracks = chooseProjects(await findTracks(benches, rerun?.count))
  const reads = tracks.map((own) => ({ ...own, read: readProject(own, tracks, argv) }))
  const [{ read }] = reads as [(typeof reads)[number], ...typeof reads]
  if (read.command?.help) {
    const all = tracks.flatMap(({ discovered }) => discovered.map(({ track }) => track))
    answer(renderHelp([...new Map(all.map((track) => [track.name, track])).values()]))
  }
  const sharedRoot = vitest.config.root
  const resolved = await resolveRun(
    reads.map((own) => ({ name: own.name, root: own.project.config.root, sharedRoot, read: own.read })),
  )
  // Flags are checked anyway: they were meant for a track.
  if (!isOurs && !read.command?.dry_run) return undefined
  const runs = tracks.map((own, i) => ({ ...own, ...resolved[i]! }))
  const started = await startRun({ ...sources, machine: await machine, runs })
  const running = new Set(tracks.map(({ project }) => project))
  return { projects: started, idle: benches.filter(({ project }) => !running.has(project)) }
}

/** Limits a rerun to the files that run again. */
function limitToRerun(benches: BenchProject[], rerun: Rerun | undefined): BenchProject[] {
  if (!rerun) return benches
  return benches.map((own) => {
    const files = own.files.filter((file) => rerun.isRerun(own, file))
    return { ...own, files, others: [...own.others, ...own.files.filter((file) => !files.includes(file))] }
  })
}

/** The projects with something to measure. If there are none, those that could have, so that their flags are known. */
function chooseProjects(found: FoundTracks[]): FoundTracks[] {
  const included = found.filter((own) => own.included.length)
  const discovered = found.filter((own) => own.discovered.length)
  return [included, discovered, found].find((own) => own.length) ?? []
}

function readProject(own: FoundTracks, all: readonly FoundTracks[], argv: readonly string[]) {
  const tracksOf = ({ discovered, included }: FoundTracks) =>
    discovered.map((one) => ({ track: one.track, isIncluded: included.includes(one) }))
  return readConfig({
    config: own.config,
    env: process.env,
    argv,
    tracks: tracksOf(own),
    elsewhere: all.filter((other) => other !== own).flatMap(tracksOf),
  })
}

interface StartSources extends PrepareSources {
  machine: Machine
  runs: readonly (FoundTracks & ResolvedRun)[]
}

async function startRun(sources: StartSources): Promise<PreparedProject[]> {
  const { vitest, held, machine, runs, rerun } = sources
  // Merged reports were made elsewhere: nothing runs, and no prover is needed.
  const isMerge = Boolean(vitest.config.mergeReports)
  const isDryRun = runs.some(({ resolved }) => resolved.command.dry_run)
  const willRun = !isDryRun && !isMerge
  if (willRun) held.add(await lockMachine(strictestLock(runs), runs[0]!.project.config.root))
  const isAlone = runs.length === 1
  const runId: { current?: string } = {}
  const planned: PreparedProject[] = []
  for (const own of runs) {
    const plan = await planRun({
      ...own,
      machine,
      root: own.project.config.root,
      project: isAlone ? undefined : own.name,
      willRun,
      isWatched: isWatched({ silent: vitest.config.silent === true, isMerge }),
      shard: isMerge ? undefined : readShard(own.resolved.command.shard, vitest),
      sharedRunId: runId.current,
      rerun: rerun?.count,
    })
    // Projects share one run. When sharded, each project splits its own points and is a separate run.
    if (!plan.shard && !plan.resumed) runId.current ??= plan.run_id
    planned.push({ ...own, plan: isAlone ? plan : placeGateFiles(plan), gate: undefined, isAlone })
  }
  // Print the points even if the gate rejects the plan.
  if (isDryRun)
    for (const { plan } of planned) process.stdout.write(`${nameOf(plan)}${await renderDryRun(plan)}\n`)
  for (const own of planned) own.gate = await readGate(own, vitest)
  if (isDryRun) process.exit(0)
  for (const warning of checkOutputs(planned.map(({ plan }) => plan))) say(warning)
  if (willRun) await openPlans(planned, held)
  for (const own of planned) {
    if (!own.plan.shard) continue
    say(`${nameOf(own.plan)}${describeShard(own.plan)}`)
    if (own.gate) say('gate: it judges the whole run, when the shards are merged')
    own.gate = undefined
  }
  return planned
}

async function openPlans(planned: readonly PreparedProject[], held: HeldResources): Promise<void> {
  for (const { plan } of planned)
    for (const { results, points } of plan.tracks) if (points.length) checkAppendable(results)
  for (const { plan, resolved } of planned) {
    const { run, command } = resolved
    if (run.work_dir === undefined) makePrivate(plan.options.work_dir)
    held.add(openRunFolder(plan))
    await requirePageCache(plan)
    if (command.resume) say(await startResuming(plan, command.retry_failed))
  }
  const folders = new Set(planned.map(({ plan }) => plan.options.work_dir))
  for (const warning of [...warnAboutMachine(), ...[...folders].flatMap((folder) => warnOfWorkDir(folder))])
    say(`warning: ${warning}`)
}

/** The machine is locked once for all projects, so a single one with `refuse` decides for all. */
function strictestLock(resolved: readonly ResolvedRun[]) {
  const modes = new Set(resolved.map((own) => own.resolved.run.lock))
  return (['refuse', 'wait'] as const).find((mode) => modes.has(mode)) ?? 'off'
}

/** Undefined without baseline and budgets. Most runs have no gate, and then it is not even loaded. */
async function readGate(
  { plan, discovered, provers, tracks }: PreparedProject,
  { config }: Vitest,
): Promise<PlannedGate | undefined> {
  if (!plan.interleave && !isGated(plan.gate)) return undefined
  const { planGate } = await import('./plan-gate.ts')
  const planned = planGate({
    plan: { ...plan, tracks: plan.whole ?? plan.tracks },
    provers: provers.map(({ prover }) => prover),
    tracks: discovered.map(({ track }) => track.name),
    namePattern: config.testNamePattern,
    isMerge: Boolean(config.mergeReports),
  })
  return planned.catch((error: unknown) => {
    if (config.mergeReports) throw error
    // What is wrong with the files of the user comes before what is missing.
    const points = tracks.flatMap((track) => track.points)
    throw points.map(findFault).find((fault) => fault !== undefined) ?? error
  })
}

/** `project a: `, if there are several. */
function nameOf({ project }: Plan): string {
  return project === undefined ? '' : `project ${project}: `
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Prints the answer that was requested instead of a run, and exits. */
function answer(text: string): never {
  process.stdout.write(`${text}\n`)
  process.exit(0)
}
