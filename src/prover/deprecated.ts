/** Names that `provemark/prover` exported in 0.1, kept for one release. */
import * as input from '../model/read-input.ts'
import type * as onnx from '../model/onnx.ts'
import * as ports from '../model/ports.ts'
import * as reader from '../model/file.ts'
import * as tensor from '../model/tensor.ts'

/** @deprecated Import it from `provemark/model`. */
export const fixInputs = ports.fixInputs
/** @deprecated Import it from `provemark/model`. */
export const readModel = reader.readModel
/** @deprecated Import it from `provemark/model`. */
export const readInput = input.readInput
/** @deprecated Import it from `provemark/model`. */
export const readTensor = tensor.readTensor
/** @deprecated Import it from `provemark/model`. */
export type OnnxModel = onnx.OnnxModel
/** @deprecated Import it from `provemark/model`. */
export type Port = ports.Port
/** @deprecated Import it from `provemark/model`. */
export type PortValues = ports.PortValues
/** @deprecated Import it from `provemark/model`. */
export type Tensor = tensor.Tensor
