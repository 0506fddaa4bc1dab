import '../require-node.ts'
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
export * from './deprecated.ts'
