import '../require-node.ts'
export { commandProver, type CommandProverDefinition } from './command-prover.ts'
export type { CounterSource, FigureSource } from './command-output.ts'
export type {
  ArtifactSpec,
  Command,
  Files,
  Forgery,
  InputFormat,
  LocatedProver,
  LocateOptions,
  PhaseContext,
  PhaseReport,
  ProvedOutput,
  Prover,
  RunResult,
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
export type { Workload } from './workload.ts'
export type { OnnxModel } from '../model/onnx.ts'
export type { Port } from '../model/ports.ts'
export { fixInputs } from '../model/ports.ts'
export { readModel } from '../model/read.ts'
export { readInput, type PortValues } from '../model/input.ts'
export { readTensor, type Tensor } from '../model/tensor.ts'
