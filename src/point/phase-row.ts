import packageJson from '../../package.json' with { type: 'json' }
import { type PlannedProver, variantFields } from '../plan/plan.ts'
import type { ProcessOutcome } from '../process/run-process.ts'
import type { Files, Prover } from '../prover/contract.ts'
import type { ReadReport } from '../prover/read-report.ts'
import { type Variant, variantOf } from '../row/identity.ts'
import type { Phase, Row } from '../row/schema.ts'
import type { sizeArtifacts } from './artifacts.ts'
import type { PointFiles } from './point-files.ts'
import type { SessionFields } from './session-process.ts'
import { fileOf, type Point, type PointJob, type PointPlan } from './point.ts'

export type RowError = NonNullable<Row['error']>

/** What all rows of a point share. */
export type RowBase = Partial<Row>

export function rowBase(
  { plan, planSha256, track, trackParams, point, prover, planned }: PointJob,
  files?: PointFiles,
): RowBase {
  const { version, sha256 } = planned.located
  return {
    model: files?.model ?? fileOf(point) ?? null,
    param_count: files?.param_count ?? null,
    schema: 1,
    run_id: plan.run_id,
    ...(plan.shard ? { shard: plan.shard } : {}),
    track,
    point: point.id,
    params: point.params,
    prover: { name: prover.name, version, sha256, deterministic: listDeterministic(prover.artifacts) },
    ...variantFields(plan, planned),
    security: prover.security,
    provemark: packageJson.version,
    made_of: describeOrigin(point, plan, trackParams),
    plan_sha256: planSha256 ?? null,
    model_sha256: files?.model_sha256 ?? null,
    input_sha256: files?.input_sha256 ?? null,
    machine: plan.machine,
    ...(planned.side ? { side: planned.side } : {}),
  }
}

function describeOrigin(
  { model, workload, input }: Point,
  { options: { seed, input_values } }: PointPlan,
  track: Record<string, unknown> = {},
): Row['made_of'] {
  const isFile = workload !== undefined || typeof model === 'string'
  return {
    model: isFile ? 'file' : model ? 'generated' : 'none',
    input: typeof input === 'string' ? 'file' : input ? 'given' : model ? 'generated' : 'none',
    input_values,
    seed,
    track,
  }
}

/** The variant that the rows of a planned prover belong to. */
export const plannedVariant = (plan: PointPlan, planned: PlannedProver): Variant =>
  variantOf({ phase: 'prove', prover: { name: planned.name }, ...variantFields(plan, planned) })

/** The artifacts that are the same in every run, and in what respect. */
export function listDeterministic(artifacts: Prover['artifacts']): Record<string, 'bytes' | 'size'> {
  return Object.fromEntries(
    Object.entries(artifacts).flatMap(([name, { deterministic }]) =>
      deterministic ? [[name, deterministic === 'size' ? 'size' : 'bytes'] as const] : [],
    ),
  )
}

/** How the process ended, and the prover's report. */
export interface PhaseResult extends ReadReport {
  outcome: ProcessOutcome
  cmd: string[]
  /** What the row says about a process that serves several iterations. */
  fields?: SessionFields
  /** For a phase within a process: where its time comes from, and the files of that process with their sizes. */
  source?: 'marks' | 'printed'
  files?: Files
  sized?: Awaited<ReturnType<typeof sizeArtifacts>>
}

/** A phase that ran, with its results. */
interface RanPhase extends PhaseResult {
  phase: Phase
  iteration: number
  dir: string
  sizes: Record<string, number>
  circuit_sha256: string | null
}

/** The row of a phase that ran, whether it succeeded or not. */
export function ranRow(base: RowBase, ran: RanPhase): Row {
  const { outcome, report } = ran
  const warnings = [...ran.warnings, ...warnOfThreads(base, outcome)]
  return {
    timestamp: new Date().toISOString(),
    ...base,
    iteration: ran.iteration,
    phase: ran.phase,
    return_code: outcome.return_code,
    ...outcome.measurement,
    time_source: ran.source ?? 'wall',
    ...(ran.source ? { process: 'shared' as const } : {}),
    time_s_rust: report.timeS ?? null,
    mem_mb_rust: report.memMb ?? null,
    ecc: report.counters ?? {},
    ...(report.spans ? { spans: report.spans } : {}),
    cmd: ran.cmd,
    tmpdir: ran.dir,
    ...ran.fields,
    ...ran.sizes,
    ...report.extra,
    circuit_sha256: ran.circuit_sha256,
    status: outcome.status,
    error: outcome.error,
    signal: outcome.signal,
    ...(warnings.length ? { warnings } : {}),
  }
}

/**
 * Tolerated excess of CPU time over threads times wall clock, as a fraction: clocks tick, and threads start and end.
 */
const THREADS_TOLERANCE = 0.1

/** A prover that used more CPUs than the threads it was given did not respect their number. */
function warnOfThreads({ settings }: RowBase, { measurement }: ProcessOutcome): string[] {
  const { time_s, cpu_user_s, cpu_sys_s } = measurement
  const told = settings?.['threads'] ?? settings?.['cpus']
  if (typeof told !== 'number' || !time_s || cpu_user_s == null || cpu_sys_s == null) return []
  const usedS = cpu_user_s + cpu_sys_s
  if (usedS <= told * time_s * (1 + THREADS_TOLERANCE) + TICK_S) return []
  const used = (usedS / time_s).toFixed(1)
  return [`THREADS_EXCEEDED: used ${used} CPUs on average instead of at most ${told}`]
}

/** The kernel counts CPU time in ticks, separately on each CPU. */
const TICK_S = 0.05

/** The row of a phase for which no process ran. */
export function unrunRow(
  base: RowBase,
  phase: Phase,
  iteration: number,
  status: 'skipped' | 'failed',
  error: RowError,
): Row {
  return {
    timestamp: new Date().toISOString(),
    ...base,
    iteration,
    phase,
    return_code: null,
    time_s: null,
    mem_mb: null,
    ecc: {},
    status,
    error,
  }
}

/** For a model that the prover cannot take for a reason other than one operator. */
export const unsupported = (message: string): RowError => ({
  code: 'MODEL_UNSUPPORTED',
  message,
  hint: 'use another prover, or change the model',
})
