import '../require-node.ts'
import * as reader from '../model/file.ts'
import type * as onnx from '../model/onnx.ts'
import * as ports from '../model/ports.ts'
import * as input from '../model/read-input.ts'
import * as tensor from '../model/tensor.ts'

export { commandProver, type CommandProverDefinition } from './command-prover.ts'
export type { CounterSource, FigureSource } from './command-output.ts'
export type {
  ArtifactSpec,
  Command,
  Files,
  Forgery,
  HttpRequest,
  InputFormat,
  LocatedProver,
  LocateOptions,
  PhaseContext,
  PhaseReport,
  ProvedOutput,
  Prover,
  RunResult,
  Service,
  Settings,
  VerifyExit,
} from './contract.ts'
export {
  plainText,
  readKeyValueCounters,
  readLastMegabytes,
  readLastNumber,
  readLastSeconds,
} from './counters.ts'
export {
  defineProver,
  type DefinedArtifact,
  type DefinedContext,
  type DefinedPhase,
  type ProverDefinition,
} from './define.ts'
export { describeExecutable, findExecutable } from './executable.ts'
export type { Workload } from '../model/workload.ts'

// Names exported in 0.1, kept for one release.

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
