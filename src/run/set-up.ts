import type { TestSpecification, Vitest } from 'vitest/node'
import { formatError, ProvemarkError, RefusedRun } from '../errors.ts'
import type { Plan } from '../plan/plan.ts'
import { runOnly, type BenchProject } from './find-tracks.ts'
import type { GatheredProject } from './gather.ts'
import { HeldResources } from './resources.ts'
import { prepareRun, type PreparedProject, type PreparedRun } from './prepare-run.ts'
import { RunReporters, type ReporterClasses } from './reporters.ts'
import { adoptShard } from './shard.ts'

declare module 'vitest' {
  interface ProvidedContext {
    provemark: Plan
  }
}

interface RunSources {
  vitest: Vitest
  /** The projects that have the plugin. */
  projects: readonly GatheredProject[]
  classes: ReporterClasses
  /** Module that runs the tracks in Vitest's workers. */
  worker: string
}

/**
 * Everything before the first phase: reads the options, rejects what is invalid, finds the provers, and passes the plan
 * to workers and reporters.
 */
export async function setUpRun({ vitest, projects, classes, worker }: RunSources): Promise<void> {
  try {
    const held = new HeldResources(vitest)
    const prepared = await prepareRun({ vitest, projects, held })
    // Plain benches run as they would without the plugin.
    if (!prepared) return
    const harness = { vitest, worker, chooseFiles: runOnly(vitest) }
    const reporters = new RunReporters(
      vitest,
      classes,
      projects.some((own) => own.choseReporters),
    )
    handOver(prepared, harness)
    await reporters.add(prepared.projects)
    // On a terminal Vitest watches by default. A run of hours must not restart on every change unless the user asks for
    // it.
    if (!vitest.config.cliOptions.watch) vitest.config.watch = false
    else rerunOnChange({ ...harness, projects, held, reporters, first: prepared })
  } catch (error) {
    // Vitest would exit with 1, which means a regression.
    process.exitCode = 2
    throw error instanceof ProvemarkError ? new RefusedRun(error) : error
  }
}

interface Harness {
  vitest: Vitest
  worker: string
  chooseFiles: ReturnType<typeof runOnly>
}

/** Makes Vitest run exactly the plans. */
function handOver(run: PreparedRun, { vitest, worker, chooseFiles }: Harness): void {
  for (const { project, plan } of run.projects) {
    project.provide('provemark', plan)
    const { setupFiles } = project.config
    // The project's unit tests use the same list.
    if (!setupFiles.includes(worker)) project.config.setupFiles = [...setupFiles, worker]
    if (plan.shard) adoptShard(vitest, project, plan.shard)
  }
  const idle = run.idle.map(({ project, files, others }) => ({
    project,
    selected: [],
    all: [...files, ...others],
  }))
  chooseFiles([...run.projects.map(listFiles), ...idle])
}

function listFiles({ project, plan, discovered, files, others }: PreparedProject) {
  const run = plan.shard ? plan.tracks.filter(({ points }) => points.length) : plan.tracks
  const selected = run.flatMap(({ name }) => discovered.filter(({ track }) => track.name === name))
  return { project, selected: [...new Set(selected.map(({ file }) => file))], all: [...files, ...others] }
}

interface Watch extends Harness {
  projects: readonly GatheredProject[]
  held: HeldResources
  reporters: RunReporters
  first: PreparedRun
}

/** With `--watch`, each rerun is a separate run: planned again, with its own id, rows and cards. */
function rerunOnChange({ projects, held, reporters, first, ...harness }: Watch): void {
  const { vitest } = harness
  // The machine is not held between two runs.
  vitest.config.reporters.push({ onTestRunEnd: () => held.release() })
  let count = 1
  let last = first
  vitest.onTestsRerun(async (specifications: TestSpecification[]) => {
    // The last run determines the exit code.
    process.exitCode = undefined
    const isRerun = ({ project }: Pick<BenchProject, 'project'>, file: string) =>
      specifications.some((own) => own.project.name === project.name && own.moduleId === file)
    try {
      const prepared = await prepareRun({ vitest, projects, held, rerun: { count: ++count, isRerun } })
      if (prepared) handOver(prepared, harness)
      last = prepared ?? last
      await reporters.replace(prepared?.projects ?? [])
    } catch (error) {
      vitest.logger.error(`\n${formatError(error)}`)
      process.exitCode = 2
      // Let the changed files fail instead of measuring them with an outdated plan.
      for (const { project, plan } of last.projects) project.provide('provemark', { ...plan, tracks: [] })
      await reporters.replace([])
    }
  })
}
