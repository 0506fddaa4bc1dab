import { randomUUID } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import type { ChosenProver } from '../config/provers.ts'
import type { ResolvedConfig } from '../config/resolve.ts'
import { ProvemarkError } from '../errors.ts'
import { findMonitor } from '../process/monitor-client.ts'
import { readMachineBehind } from '../process/launcher-machine.ts'
import { resolveOptions } from '../plan/options.ts'
import type { Plan, PlannedProver } from '../plan/plan.ts'
import { phasesOf } from '../prover/contract.ts'
import { labelVariants, variantOf } from '../row/identity.ts'
import type { Machine } from '../row/schema.ts'
import type { ResolvedRun } from './resolve-run.ts'
import { addCosts } from './forecast.ts'
import { placeInHistory } from './resume-run.ts'
import { chooseRunId, shardPlan, type ShardChoice } from './shard.ts'
import { chooseWorkDir } from './resources.ts'
import { countOf } from '../lib/names.ts'

interface PlanSources extends ResolvedRun {
  /** The machine that the run was started on. */
  machine: Machine
  root: string
  /** Name of the project, if the run has several. */
  project?: string | undefined
  /** If false, nothing is built or downloaded. */
  willRun: boolean
  /** Whether a person is watching the run. */
  isWatched: boolean
  /** The part to run, if not the whole run. */
  shard?: ShardChoice | undefined
  /** The id that another project of the run already has. */
  sharedRunId?: string | undefined
  /** The number of this run in watch mode, from 2. */
  rerun?: number | undefined
}

/**
 * Makes the plan of a run with all its points.
 * @throws ProvemarkError PROVER_NOT_FOUND or PROVER_SETUP_FAILED, PLAN_CHANGED if the run to resume had another plan
 */
export async function planRun(sources: PlanSources): Promise<Plan> {
  const { resolved, provers, machine: local, tracks, root, project, willRun, isWatched, shard } = sources
  const { run } = resolved
  const workDir = chooseWorkDir(run.work_dir, root)
  const located = await locateProvers(provers, willRun, resolved)
  const machine = run.launcher && willRun ? { ...local, ...(await readMachineBehind(run.launcher)) } : local
  const planned = tracks.map((track) => ({
    ...track,
    points: track.points.map(({ id, params }) => ({ id, params })),
  }))
  const runId = chooseRunId({
    given:
      sources.sharedRunId ??
      nameRun(resolved.command.run_id, { project: shard && project, rerun: sources.rerun }),
    sharded: shard !== undefined,
    commit: machine.commit,
    identity: {
      tracks: planned.map(({ name, points }) => [name, points]),
      provers: provers.map(({ source, settings }) => [source, settings]),
      // Paths may differ between shards.
      run: { seed: run.seed, iterations: run.iterations, sampling: run.sampling, tag: run.tag },
    },
  })
  const plan: Plan = {
    run_id: runId.id,
    project,
    root,
    options: resolveOptions({ ...run, work_dir: workDir }, root),
    machine,
    provers: located,
    interleave: resolved.command.interleave,
    continues: resolved.command.continues && resolve(root, resolved.command.continues),
    tracks: planned,
    gate: resolved.gate,
    progress_file: isWatched ? join(workDir, `${randomUUID()}.progress.json`) : undefined,
  }
  const divide = (whole: Plan) => (shard ? shardPlan(whole, tracks, shard, runId.shared) : whole)
  const own = await (willRun ? placeInHistory({ resolved, plan, tracks, shard, divide }) : divide(plan))
  return isWatched ? addCosts(own, tracks) : own
}

/** Derives a run id from the given one: each sharded project and each rerun is a separate run. */
function nameRun(
  given: string | undefined,
  { project, rerun }: { project: string | undefined; rerun: number | undefined },
): string | undefined {
  if (given === undefined) return undefined
  const parts = [given, project?.replaceAll(/[^\w.-]/g, '-'), rerun]
  return parts.filter((part) => part !== undefined).join('-')
}

/**
 * Checks that a process can be limited to a number of CPUs. Behind a launcher, only the monitor there can know.
 * @throws ProvemarkError CONFIG_INVALID
 */
async function requireHolding(name: string, cpus: number, launcher?: readonly string[]): Promise<void> {
  const monitor = await findMonitor()
  const allowed = availableParallelism()
  const isTooMany = !launcher && cpus > allowed
  const why = 'missing' in monitor ? monitor.missing : isTooMany && `this process may use ${allowed}`
  if (!why) return
  throw new ProvemarkError(
    'CONFIG_INVALID',
    `--threads ${cpus}: ${name} takes no number of threads and cannot be held to ${countOf(cpus, 'CPU')}: ${why}`,
    { hint: 'remove the number, or run this prover without --threads' },
  )
}

/** Names the provers of a run by what differs between them, or by their specs where that is not enough. */
function labelChosen(chosen: readonly ChosenProver[]): string[] {
  const variants = chosen.map(({ prover, settings }) =>
    variantOf({ phase: 'prove', prover: { name: prover.name }, settings }),
  )
  const labelOf = labelVariants(variants)
  const labels = variants.map((variant) => labelOf(variant)!)
  return labels.map((label, i) =>
    labels.indexOf(label) === labels.lastIndexOf(label) ? label : chosen[i]!.spec,
  )
}

async function locateProvers(
  chosen: readonly ChosenProver[],
  willRun: boolean,
  { run: { launcher }, command: { interleave } }: ResolvedConfig,
): Promise<PlannedProver[]> {
  const planned: PlannedProver[] = []
  const labels = labelChosen(chosen)
  for (const [index, { prover, source, spec, bin, settings }] of chosen.entries()) {
    const { cpus } = settings
    if (willRun && cpus !== undefined) {
      await requireHolding(prover.name, cpus, launcher)
      process.stderr.write(
        `${prover.name}: takes no number of threads, so it is held to ${countOf(cpus, 'CPU')}\n`,
      )
    }
    const located = !willRun
      ? { bin: '', version: '', sha256: '' }
      : await prover.locate({
          onProgress: (line) => process.stderr.write(`${prover.name}: ${line}\n`),
          ...(bin ? { bin } : {}),
        })
    const own = {
      name: prover.name,
      source,
      label: labels[index]!,
      located,
      // A warm function is not the same as that function in a separate process.
      settings: prover.warm ? { ...settings, warm: true } : settings,
      phases: phasesOf(prover),
    }
    const side = index === 0 ? 'a' : 'b'
    planned.push(interleave ? { ...own, side, label: `${side}: ${spec}` } : own)
  }
  return planned
}
