import { randomUUID } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { ChosenProver } from '../config/provers.ts'
import type { ResolvedConfig } from '../config/resolve.ts'
import { DEFAULT_ITERATIONS, type RunOptions } from '../config/schema.ts'
import { readMachineBehind } from '../phase/machine-behind.ts'
import type { Plan, PlannedProver } from '../point/plan.ts'
import { PHASES, type Machine, type Phase } from '../row/schema.ts'
import type { TrackWithPoints } from './plan-tracks.ts'
import { addCosts } from './point-cost.ts'
import { placeInHistory } from './resume/place-in-history.ts'
import { chooseRunId } from './run-id.ts'
import { shardPlan } from './shard-plan.ts'
import type { ShardChoice } from './shard.ts'
import { chooseWorkDir } from './work-dir.ts'

interface PlanSources {
  resolved: ResolvedConfig
  provers: readonly ChosenProver[]
  /** The machine that the run was started on. */
  machine: Machine
  tracks: readonly TrackWithPoints[]
  root: string
  /** Else nothing is built or downloaded either. */
  willRun: boolean
  /** Whether a person looks on while it runs. */
  isWatched: boolean
  /** The part of the run that is wanted, if not all of it. */
  shard?: ShardChoice | undefined
}

/**
 * The plan of a run, every point of it known.
 * @throws ProvemarkError PROVER_NOT_FOUND or PROVER_SETUP_FAILED, PLAN_CHANGED where the run that is to go on had another plan
 */
export async function planRun({
  resolved,
  provers,
  machine: local,
  tracks,
  root,
  willRun,
  isWatched,
  shard,
}: PlanSources): Promise<Plan> {
  const { run } = resolved
  const workDir = chooseWorkDir(run.work_dir, root)
  const located = await locateProvers(provers, willRun, resolved.command.interleave)
  const machine = run.launcher && willRun ? { ...local, ...(await readMachineBehind(run.launcher)) } : local
  const runId = chooseRunId({
    given: resolved.command.run_id,
    sharded: shard !== undefined,
    commit: machine.commit,
    identity: {
      tracks: tracks.map(({ planned: { name, points } }) => [name, points]),
      provers: provers.map(({ source, settings }) => [source, settings]),
      // What says where files lie may differ between shards.
      run: { seed: run.seed, iterations: run.iterations, sampling: run.sampling, tag: run.tag },
    },
  })
  const plan: Plan = {
    run_id: runId.id,
    seed: run.seed,
    tag: run.tag,
    root,
    iterations: planIterations(run),
    sampling: run.sampling,
    timeout_s: forEachPhase(run.timeout_s, undefined),
    memory_limit_mb: run.memory_limit_mb,
    launcher: run.launcher,
    memory_guard: run.memory_guard,
    controls: run.controls,
    ...(run.report === undefined ? {} : { report: resolve(root, run.report) }),
    onnx_dir: resolve(root, run.onnx_dir),
    inputs_dir: resolve(root, run.inputs_dir),
    input_values: run.input_values,
    work_dir: workDir,
    keep: run.keep,
    disk_guard: run.disk_guard,
    circuit_cache_mb: run.circuit_cache_mb,
    fsync: run.fsync,
    machine,
    provers: located,
    interleave: resolved.command.interleave,
    tracks: tracks.map(({ planned }) => planned),
    gate: resolved.gate,
    progress_file: isWatched ? join(workDir, `${randomUUID()}.progress.json`) : undefined,
  }
  const divide = (whole: Plan, own: readonly TrackWithPoints[]) =>
    shard ? shardPlan(whole, own, shard, runId.shared) : whole
  const own = willRun
    ? await placeInHistory({ resolved, plan, tracks, shard, divide })
    : await divide(plan, tracks)
  return isWatched ? addCosts(own, tracks) : own
}

/** With sampling, a compile runs once where its number is not asked for. */
function planIterations({ iterations, sampling }: RunOptions): Record<Phase, number> {
  const each = forEachPhase(iterations, DEFAULT_ITERATIONS)
  if (!sampling) return each
  return { ...each, compile: typeof iterations === 'number' ? 1 : each.compile }
}

/** One value for every phase, or each its own; the phases that were not named take the default. */
function forEachPhase<Value>(
  given: Value | Partial<Record<Phase, Value>> | undefined,
  missing: Value,
): Record<Phase, Value> {
  const each =
    typeof given === 'object' && given !== null ? (given as Partial<Record<Phase, Value>>) : undefined
  return Object.fromEntries(
    PHASES.map((phase) => [
      phase,
      each ? (each[phase] ?? missing) : ((given as Value | undefined) ?? missing),
    ]),
  ) as Record<Phase, Value>
}

async function locateProvers(
  chosen: readonly ChosenProver[],
  willRun: boolean,
  interleave: boolean,
): Promise<PlannedProver[]> {
  const planned: PlannedProver[] = []
  for (const [index, { prover, source, spec, bin, settings }] of chosen.entries()) {
    const located = !willRun
      ? { bin: '', version: '', sha256: '' }
      : await prover.locate({
          onProgress: (line) => process.stderr.write(`${prover.name}: ${line}\n`),
          ...(bin ? { bin } : {}),
        })
    const shared = chosen.filter((other) => other.prover.name === prover.name).length > 1
    const own = { name: prover.name, source, label: shared ? spec : prover.name, located, settings }
    const side = index === 0 ? 'a' : 'b'
    planned.push(interleave ? { ...own, side, label: `${side}: ${spec}` } : own)
  }
  return planned
}
