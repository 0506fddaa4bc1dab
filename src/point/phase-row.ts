import type { ProcessOutcome } from '../process/run-process.ts'
import type { PhaseReport, Prover } from '../prover/contract.ts'
import type { Phase, Row } from '../row/schema.ts'
import type { PointJob, PointPlan } from './job.ts'
import type { Materials } from './materials.ts'
import type { PlannedProver } from '../plan/plan.ts'

/** What all rows of a point share. */
export type RowBase = Partial<Row>

export function rowBase(
  { plan, planSha256, track, point, prover, planned }: PointJob,
  materials?: Materials,
): RowBase {
  const { version, sha256 } = planned.located
  return {
    model: materials?.model ?? (typeof point.model === 'string' ? point.model : null),
    param_count: materials?.param_count ?? null,
    schema: 1,
    run_id: plan.run_id,
    ...(plan.shard ? { shard: plan.shard } : {}),
    track,
    point: point.id,
    params: point.params,
    prover: { name: prover.name, version, sha256, deterministic: listDeterministic(prover.artifacts) },
    settings: settingsOf(plan, planned),
    security: prover.security,
    plan_sha256: planSha256 ?? null,
    model_sha256: materials?.model_sha256 ?? null,
    input_sha256: materials?.input_sha256 ?? null,
    machine: plan.machine,
    ...(planned.side ? { side: planned.side } : {}),
  }
}

/** What a user may set and what changes the cost of a phase. */
export function settingsOf(
  { options: { memory_limit_mb, launcher } }: PointPlan,
  { settings }: PlannedProver,
): PlannedProver['settings'] {
  return {
    ...settings,
    ...(memory_limit_mb === undefined ? {} : { memory_limit_mb }),
    ...(launcher ? { launcher } : {}),
  }
}

/** The artifacts that are the same in every run, and how far. */
export function listDeterministic(artifacts: Prover['artifacts']): Record<string, 'bytes' | 'size'> {
  return Object.fromEntries(
    Object.entries(artifacts).flatMap(([name, { deterministic }]) =>
      deterministic ? [[name, deterministic === 'size' ? 'size' : 'bytes'] as const] : [],
    ),
  )
}

interface RanPhase {
  phase: Phase
  iteration: number
  outcome: ProcessOutcome
  report: PhaseReport
  cmd: string[]
  dir: string
  sizes: Record<string, number>
  circuit_sha256: string | null
  warnings: string[]
}

/** The row of a phase that ran, well or not. */
export function ranRow(base: RowBase, ran: RanPhase): Row {
  const { outcome, report } = ran
  return {
    timestamp: new Date().toISOString(),
    ...base,
    iteration: ran.iteration,
    phase: ran.phase,
    return_code: outcome.return_code,
    ...outcome.measurement,
    time_source: 'wall',
    time_s_rust: report.timeS ?? null,
    mem_mb_rust: report.memMb ?? null,
    ecc: report.counters ?? {},
    cmd: ran.cmd,
    tmpdir: ran.dir,
    ...ran.sizes,
    ...report.extra,
    circuit_sha256: ran.circuit_sha256,
    status: outcome.status,
    error: outcome.error,
    signal: outcome.signal,
    ...(ran.warnings.length ? { warnings: ran.warnings } : {}),
  }
}

/** The row of a phase for which no process ran. */
export function unrunRow(
  base: RowBase,
  phase: Phase,
  iteration: number,
  status: 'skipped' | 'failed',
  error: NonNullable<Row['error']>,
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
