import type { Prover } from '../prover/contract.ts'
import type { Phase, Row } from '../row/schema.ts'
import type { ProcessSample } from '../process/spec.ts'
import type { Plan, PlannedProver } from '../plan/plan.ts'
import type { Point } from './point.ts'

/** The part of a plan that the phases of a point need. */
export type PointPlan = Pick<
  Plan,
  'run_id' | 'project' | 'resumed' | 'shard' | 'root' | 'machine' | 'options'
>

/** Bytes of artifacts that one iteration of each phase writes. */
export type PhaseBytes = Partial<Record<Phase, number>>

/** One point with one prover, and where its progress goes. */
export interface PointJob {
  plan: PointPlan
  track: string
  /** The track's results file, whose rows say what smaller models took; absent where there is none. */
  results?: string
  point: Point
  prover: Prover
  planned: PlannedProver
  /** Digest of the plan that the track follows. */
  planSha256?: string | undefined
  /** Rows of the point that earlier processes of a resumed run have written; their iterations do not run again. */
  earlier?: readonly Row[]
  /** What each phase of the point wrote when it was measured last. */
  expectedBytes?: PhaseBytes | undefined
  /** Called when a phase starts; what it returns takes the samples of the running process. */
  progress: (started: { phase: Phase; iteration: number }) => (sample: ProcessSample) => void
}
