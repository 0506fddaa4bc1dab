import type { TestProject, Vitest } from 'vitest/node'
import { splitAtDashes } from '../config/flags.ts'
import { readConfig } from '../config/resolve.ts'
import { ProvemarkError } from '../errors.ts'
import { isGated } from '../gate/options.ts'
import { readMachine, warnAboutMachine } from '../measure/machine.ts'
import type { Plan } from '../plan/plan.ts'
import { checkAppendable } from '../row/check-appendable.ts'
import { RefusedRun } from '../refused-run.ts'
import { type DiscoveredTrack, discoverTracks } from '../track/discover.ts'
import { findBenchFiles, isIncluded, readFileFilters, runOnly } from './bench-files.ts'
import { describeShard, renderDryRun } from './dry-run.ts'
import { renderHelp } from './help.ts'
import { lockMachine } from './lock-machine.ts'
import type { GateSources, PlannedGate } from './plan-gate.ts'
import { planRun } from './plan-run.ts'
import { addReporters, isReporterChosen } from './reporters.ts'
import { openRunFolder } from './run-folder.ts'
import { makePrivate, warnOfWorkDir } from './work-dir.ts'
import { resolveRun } from './resolve-run.ts'
import { startResuming } from './resume/resume-run.ts'
import { isWatched } from './watched.ts'
import { adoptShard, readShard } from './vitest-shard.ts'

declare module 'vitest' {
  interface ProvidedContext {
    provemark: Plan
  }
}

interface RunSources {
  /** The object given to `provemark({…})`. */
  config: Readonly<Record<string, unknown>>
  vitest: Vitest
  project: TestProject
  /** Whether the user's config names reporters. */
  choseReporters: boolean
  /** Module that runs the tracks in Vitest's workers. */
  worker: string
}

/**
 * Everything that happens before the first phase: read what the user wants, refuse what cannot be, find the provers,
 * and tell workers and reporters the plan.
 */
export async function setUpRun({
  config,
  vitest,
  project,
  choseReporters,
  worker,
}: RunSources): Promise<void> {
  try {
    const root = project.config.root
    // It asks git, which takes its time: the rest goes on meanwhile.
    const machine = readMachine()
    const filters = readFileFilters()
    const discovered = await discoverTracks(await findBenchFiles(project), project)
    const read = readConfig({
      config,
      env: process.env,
      argv: splitAtDashes(process.argv)[1],
      tracks: discovered.map(({ track }) => track),
      isIncluded: (track) =>
        discovered.some((own) => own.track === track && isIncluded(own.file, filters, root)),
    })
    if (read.command?.help) return answer(renderHelp(discovered.map(({ track }) => track)))
    const { resolved, provers, tracks } = await resolveRun(read, root)
    // Reports that are merged were made elsewhere: nothing runs, and no prover is needed.
    const isMerge = Boolean(vitest.config.mergeReports)
    const willRun = !resolved.command.dry_run && !isMerge
    if (willRun) atEnd(vitest, await lockMachine(resolved.run.lock, root))
    const plan = await planRun({
      resolved,
      provers,
      machine: await machine,
      tracks,
      root,
      willRun,
      isWatched: isWatched({ silent: vitest.config.silent === true, isMerge }),
      shard: isMerge ? undefined : readShard(resolved.command.shard, vitest),
    })
    // The points are told even where the gate refuses the plan.
    if (resolved.command.dry_run) process.stdout.write(`${await renderDryRun(plan)}\n`)
    const gate = await readGate({
      plan: { ...plan, tracks: plan.whole ?? plan.tracks },
      provers: provers.map(({ prover }) => prover),
      tracks: discovered.map(({ track }) => track.name),
      namePattern: vitest.config.testNamePattern,
      isMerge,
    })
    if (resolved.command.dry_run) process.exit(0)
    if (willRun) {
      for (const { results, points } of plan.tracks) if (points.length) checkAppendable(results)
      if (resolved.run.work_dir === undefined) makePrivate(plan.options.work_dir)
      atEnd(vitest, openRunFolder(plan))
      if (resolved.command.resume) say(await startResuming(plan, resolved.command.retry_failed))
      for (const warning of [...warnAboutMachine(), ...warnOfWorkDir(plan.options.work_dir)])
        say(`warning: ${warning}`)
    }
    handOver(plan, { vitest, project, worker, discovered })
    if (plan.shard) {
      adoptShard(vitest, project, plan.shard)
      say(describeShard(plan))
      if (gate) say('gate: it judges the whole run, when the shards are merged')
    }
    const chosen = choseReporters || isReporterChosen(vitest)
    await addReporters(vitest, plan, {
      gate: plan.shard ? undefined : gate,
      compactFor: chosen ? undefined : new Set(discovered.map(({ file }) => file)),
    })
  } catch (error) {
    // Vitest would end with 1, which stands for a regression.
    process.exitCode = 2
    throw error instanceof ProvemarkError ? new RefusedRun(error) : error
  }
}

/** Undefined where there is nothing to judge by: most runs have no gate, and start without loading one. */
async function readGate(sources: GateSources): Promise<PlannedGate | undefined> {
  const { gate, interleave } = sources.plan
  if (!interleave && !isGated(gate)) return undefined
  const { planGate } = await import('./plan-gate.ts')
  return planGate(sources)
}

interface Harness extends Omit<RunSources, 'config' | 'choseReporters'> {
  discovered: readonly DiscoveredTrack[]
}

/** Has Vitest run the plan, and nothing but the plan. */
function handOver(plan: Plan, { vitest, project, worker, discovered }: Harness): void {
  project.provide('provemark', plan)
  project.config.setupFiles.push(worker)
  // Phases take as long as they take: timeout_s is what ends them.
  Object.assign(project.config, { testTimeout: 0, hookTimeout: 0 })
  vitest.config.watch = false
  const run = plan.shard ? plan.tracks.filter(({ points }) => points.length) : plan.tracks
  const selected = run.flatMap(({ name }) => discovered.filter(({ track }) => track.name === name))
  runOnly(vitest, selected, discovered)
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Calls a function when Vitest closes, or when the process ends before it does. */
function atEnd(vitest: Vitest, work: () => void): void {
  vitest.onClose(work)
  process.once('exit', work)
}

/** Prints what was asked for in place of a run, and ends. */
function answer(text: string): never {
  process.stdout.write(`${text}\n`)
  process.exit(0)
}
