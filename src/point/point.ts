import type { OnnxModel } from '../model/onnx.ts'
import type { Dims } from '../model/sides.ts'
import type { Prover } from '../prover/contract.ts'
import type { Phase, Row } from '../row/schema.ts'
import type { Session } from './session.ts'
import type { ProcessSample } from '../process/spec.ts'
import type { Plan, PlannedProver } from '../plan/plan.ts'

/** One workload of a track: an ONNX model, any other file, or its parameters alone. */
export interface Point {
  /** Unique in its track; used in rows, test names and file names. */
  id: string
  /** Every parameter of the point; two points with the same params are the same point. */
  params: Record<string, unknown>
  /** Path of an ONNX file, a model object, or a function that makes one when the point is reached. */
  model?: string | OnnxModel | (() => OnnxModel)
  /**
   * Path of a file that is not an ONNX model, such as a circuit: only the prover reads it. Never together with a model.
   */
  workload?: string
  /**
   * Path of an input file, or its values in row-major order. Absent: generated from the model's shape and the seed; no
   * input without a model.
   */
  input?: string | number[] | undefined
  /** Values for sides that the model's file leaves open. */
  dims?: Dims | undefined
}

/** Path of the file that the point names, if it names one. */
export function fileOf({ model, workload }: Pick<Point, 'model' | 'workload'>): string | undefined {
  return workload ?? (typeof model === 'string' ? model : undefined)
}

/** The part of a plan that the phases of a point need. */
export type PointPlan = Pick<
  Plan,
  'run_id' | 'project' | 'resumed' | 'shard' | 'root' | 'machine' | 'options'
>

/** Bytes of the artifacts that one iteration of each phase writes. */
export type PhaseBytes = Partial<Record<Phase, number>>

/** One point with one prover, and where its progress is written. */
export interface PointJob {
  plan: PointPlan
  track: string
  /** The track's parameters. */
  trackParams?: Record<string, unknown> | undefined
  /** The track's results file, whose rows say how much memory smaller models took; absent if there is none. */
  results?: string
  point: Point
  prover: Prover
  planned: PlannedProver
  /** Digest of the plan of the track. */
  planSha256?: string | undefined
  /** Rows of the point written by earlier processes of a resumed run; their iterations do not run again. */
  earlier?: readonly Row[]
  /** What each phase of the point wrote when it was last measured. */
  expectedBytes?: PhaseBytes | undefined
  /** The process that serves several iterations, for a prover that has one; made by the point's run. */
  session?: Session
  /** Called when a phase starts; the function it returns gets the samples of the running process. */
  progress: (started: { phase: Phase; iteration: number }) => (sample: ProcessSample) => void
}
