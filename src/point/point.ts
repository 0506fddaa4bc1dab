import type { OnnxModel } from '../model/onnx.ts'
import type { Dims } from '../model/sides.ts'

/** One model of a track. */
export interface Point {
  /** Unique in its track; stands in rows, test names and file names. */
  id: string
  /** Every parameter of the point; two points with the same params are the same point. */
  params: Record<string, unknown>
  /** Path of an ONNX file, a model object, or a function that makes one when the point is reached. */
  model: string | OnnxModel | (() => OnnxModel)
  /** Path of an input file, or its values in row-major order; absent: generated from the model's shape and the seed. */
  input?: string | number[] | undefined
  /** Values for sides of the model that its file leaves open. */
  dims?: Dims | undefined
}
