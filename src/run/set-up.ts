import type { TestSpecification, Vitest } from 'vitest/node'
import { formatError, ProvemarkError } from '../errors.ts'
import type { Plan } from '../plan/plan.ts'
import { RefusedRun } from '../refused-run.ts'
import { runOnly } from './bench-files.ts'
import type { BenchProject } from './find-tracks.ts'
import type { GatheredProject } from './gather.ts'
import { HeldResources } from './lock-machine.ts'
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
 * Everything that happens before the first phase: read what the user wants, refuse what cannot be, find the provers,
 * and tell workers and reporters the plan.
 */
export async function setUpRun({ vitest, projects, classes, worker }: RunSources): Promise<void> {
  try {
    const held = new HeldResources(vitest)
    const prepared = await prepareRun({ vitest, projects, held })
    // Benches that are not ours run as they do without us.
    if (!prepared) return
    const harness = { vitest, worker, chooseFiles: runOnly(vitest) }
    const reporters = new RunReporters(
      vitest,
      classes,
      projects.some((own) => own.choseReporters),
    )
    handOver(prepared, harness)
    await reporters.add(prepared.projects)
    // On a terminal Vitest watches unless it is told not to; a run of hours that begins anew on every change is asked for.
    if (!vitest.config.cliOptions.watch) vitest.config.watch = false
    else rerunOnChange({ ...harness, projects, held, reporters, first: prepared })
  } catch (error) {
    // Vitest would end with 1, which stands for a regression.
    process.exitCode = 2
    throw error instanceof ProvemarkError ? new RefusedRun(error) : error
  }
}

interface Harness {
  vitest: Vitest
  worker: string
  chooseFiles: ReturnType<typeof runOnly>
}

/** Has Vitest run the plans, and nothing but the plans. */
function handOver(run: PreparedRun, { vitest, worker, chooseFiles }: Harness): void {
  for (const { project, plan } of run.projects) {
    project.provide('provemark', plan)
    const { setupFiles } = project.config
    // The list is that of the project's unit tests, too.
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

/** Under `--watch` each rerun is a run of its own: planned anew, with an id, rows and cards of its own. */
function rerunOnChange({ projects, held, reporters, first, ...harness }: Watch): void {
  const { vitest } = harness
  // Between two runs the machine is free.
  vitest.config.reporters.push({ onTestRunEnd: () => held.release() })
  let count = 1
  let last = first
  vitest.onTestsRerun(async (specifications: TestSpecification[]) => {
    // The exit code is the last run's.
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
      // The changed files fail, rather than be measured by a plan that is out of date.
      for (const { project, plan } of last.projects) project.provide('provemark', { ...plan, tracks: [] })
      await reporters.replace([])
    }
  })
}
