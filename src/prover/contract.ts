import type { z } from 'zod'
import type { PortValues, Values } from '../model/ports.ts'
import type { OnnxModel } from '../model/onnx.ts'
import type { RunOutput } from '../reference/run-model.ts'
import { PHASES } from '../row/phases.ts'
import type { Counters, Phase, Security } from '../row/schema.ts'
import type { Workload } from '../model/workload.ts'

/** Settings that the user may choose and that change a prover's cost; stored in every row. */
export interface Settings {
  /** Threads that a phase may use; absent: the prover's own choice. */
  threads?: number
  /** CPUs that its phases are limited to, for a prover whose number of threads cannot be set. */
  cpus?: number
  /** Proofs that are made at once, for a service or a warm prover; absent: one. */
  concurrency?: number
  [option: string]: unknown
}

/** Where a prover was found. Plain data, because it is passed to worker processes. */
export interface LocatedProver {
  /** Absolute path of the executable that each phase runs. */
  bin: string
  version: string
  /**
   * SHA-256 of the code that proves, hex: the executable, the library that it loads, or a list of all files that it
   * names.
   */
  sha256: string | null
  /**
   * false: equal digests and settings may still give different circuits, since it runs code that the digest does not
   * cover.
   */
  mayCache?: false
  /** Digest of the command lines of its phases, if they are data: another flag makes another plan. */
  commands?: string
  /** Which way to drive it was found, if a prover supports more than one. */
  variant?: string
  /** Where a program of this package comes from: its platform's package, or a build on this machine. */
  origin?: 'prebuilt' | 'built'
  /** ONNX operators that it says it supports; absent: those of its `Prover`. */
  operators?: readonly string[]
}

export interface LocateOptions {
  /** Path given by the user (`bin=PATH`), used as it is. */
  bin?: string
  /** false: only look, do not build or download. */
  build?: boolean
  /** Called with one line at a time while something is built or downloaded. */
  onProgress?: (line: string) => void
}

/** A command line, not passed to a shell. `env` is added to the environment of the run. */
export interface Command {
  file: string
  args: string[]
  env?: Record<string, string>
}

/**
 * Absolute paths by artifact name, and those of the point: `model` (ONNX) or `workload` (any other file), and `input`,
 * each only if the point has it.
 */
export type Files = Readonly<Record<string, string>>

export interface PhaseContext {
  files: Files
  settings: Settings
  located: LocatedProver
  /** Parameters of the point. */
  params: Readonly<Record<string, unknown>>
  /** Port of the prover's service; absent if it has none. */
  port?: number
  /** The most memory that a phase may be predicted to need, MB; absent: no limit. */
  limitMb?: number
  /** How many iterations of its phases a process should run, if it can run several. */
  iterations?: number
}

/** What a prover's own output reports about a phase. */
export interface PhaseReport {
  counters?: Counters
  /** Time that the prover itself measured, seconds. */
  timeS?: number
  /** Peak memory that the prover itself reports, MB (2^20 bytes). */
  memMb?: number
  /** For a preparation: the most memory that the following phases will need, MB. */
  predictedPeakMb?: number
  /** If the first phase failed: what the prover does not support in the model. The point is then skipped. */
  refused?: string | undefined
  /** Durations of what the prover did inside the phase, s: parts of its time, which may overlap. */
  spans?: Record<string, number> | undefined
  /** Additional fields for the row, by name. */
  extra?: Record<string, number | string>
}

/** What an in-process phase may return; `false` from a verify is a rejection. */
export type RunResult = PhaseReport | boolean | void

interface PhaseFiles {
  /** Names of the artifacts that the phase needs, including `model`, `workload` and `input`. */
  reads: readonly string[]
  /** true: the author did not say what it reads, so `reads` names everything that may exist. */
  readsAny?: boolean
  /** Names of the artifacts that it makes. */
  writes: readonly string[]
  /**
   * Runs before the phase and is not measured: for work that many runs share. Its output is read like the phase's own;
   * a figure that belongs to no phase goes into `extra`.
   */
  prepare?: (context: PhaseContext) => Command
}

export interface CommandPhase extends PhaseFiles {
  command: (context: PhaseContext) => Command
  /** It is a client of the prover's service, which has to be running. */
  isClient?: boolean
}

export interface InProcessPhase extends PhaseFiles {
  /** Runs in a separate Node process, measured like any command. A throw fails the phase. */
  run: (context: PhaseContext) => RunResult | Promise<RunResult>
}

/**
 * How the begin and end of a phase are recognised in a process that runs several phases:
 * - `'waits'`: the program writes `begin PHASE` and `end PHASE` to the FIFO named by `PROVEMARK_MARKS`, and reads a
 *   line from `PROVEMARK_GO` before it continues; time, CPU time and peak memory are those between the two
 * - `begin` and `end`: lines that it prints at these moments (see `LineMark`); memory is then a lower bound
 * - `time`: it prints how long the phase took; nothing else is known about the phase
 */
export type PhaseBounds = 'waits' | { begin: LineMark; end: LineMark } | { time: DurationSource }

/** A line of output: a pattern, or the fields of a line that is a JSON object (it may have others). */
export type LineMark = RegExp | Readonly<Record<string, unknown>>

/**
 * A duration in a line of output: a pattern with the duration as first group (`1.5`, in seconds, or with a unit, as
 * `834.5ms`), or a function that returns seconds.
 */
export type DurationSource = RegExp | ((line: string) => number | undefined)

/** A phase within a process that runs several. */
export interface SharedPhase extends PhaseFiles {
  bounds: PhaseBounds
  /** Only for the first phase of such a process; a phase that occurs several times is one iteration each time. */
  command?: (context: PhaseContext) => Command
}

export type PhaseSpec = CommandPhase | InProcessPhase | RequestPhase | SharedPhase

/** The phases that run in the process of a shared phase, in order, the one with the command first. */
export function phasesOfProcess({ phases }: Pick<Prover, 'phases'>, phase: Phase): Phase[] {
  const groups: Phase[][] = []
  for (const own of PHASES) {
    const spec = phases[own]
    if (!spec) continue
    if (isShared(spec) && !spec.command && groups.length) groups.at(-1)!.push(own)
    else groups.push([own])
  }
  return groups.find((group) => group.includes(phase)) ?? []
}

export function isShared(spec: PhaseSpec | undefined): spec is SharedPhase {
  return spec !== undefined && 'bounds' in spec && spec.bounds !== undefined
}

/** Whether a phase uses the prover's service: by a request, or as its client. */
export function asksService(spec: PhaseSpec): spec is RequestPhase | CommandPhase {
  return 'request' in spec || ('isClient' in spec && spec.isClient === true)
}

/** A request to the prover's own service on the loopback. */
export interface HttpRequest {
  /** Default POST. */
  method?: string
  /** Path and query: `/prove?threads=2`. */
  path: string
  headers?: Record<string, string>
  /** Text, or the file whose bytes are sent. */
  body?: string | { file: string }
  /** Artifact in which the body of the response is stored; absent: the service writes its artifacts itself. */
  save?: string
  /** For a verify whose verdict is in the body of the response: whether it accepted the proof. */
  accepts?: RegExp | ((body: string) => boolean)
}

export interface RequestPhase extends PhaseFiles {
  /** A 2xx response is a success, 4xx a failure (for a verify: a rejection); anything else is no verdict. */
  request: (context: PhaseContext) => HttpRequest
}

/**
 * A program that stays loaded and answers requests. One runs for each point, started before the first phase that needs
 * it, and again if what it reads has changed.
 */
export interface Service {
  /** Names of the artifacts and files that it reads when it starts, such as keys. */
  reads?: readonly string[]
  /** It has to stay in the foreground, and to listen on 127.0.0.1 at `port`. */
  start: (context: PhaseContext) => Command
  /**
   * When it is ready: it answers a GET of this path with 2xx, or it prints a line that matches. Absent: it accepts
   * connections.
   */
  ready?: string | RegExp
  /** How long it may take until then, s; default 60. */
  readyS?: number
  /** A path to POST to in order to end it; otherwise, and if that does not help, it gets SIGTERM, then SIGKILL. */
  stop?: string
}

export interface ArtifactSpec {
  /** File or folder inside the iteration's folder. */
  file: string
  /**
   * true: byte-identical from run to run, so a change of its size or digest is reported; 'size': only its size is the
   * same.
   */
  deterministic?: boolean | 'size'
  /** If it is missing, the row has a warning, but the phase does not fail. */
  optional?: boolean
}

/** A forgery that an honest verifier must refuse: changes a copy of one artifact's bytes. */
export interface Forgery {
  artifact: string
  forge: (bytes: Uint8Array) => Uint8Array
}

/** What the exit codes of a verify mean; any other code is not a verdict. */
export interface VerifyExit {
  accepted: readonly number[]
  rejected: readonly number[]
}

export interface ProvedOutput {
  /**
   * The values that the proof states, in the model's own scale: all outputs of the model in its order, each row-major
   * in the shape that the model gives it, whatever layout the prover prints.
   */
  read: (files: Files) => number[] | Promise<number[]>
  /** The phase that writes what `read` reads; default: prove. */
  from?: Phase
  /** Largest difference from the float model that quantisation explains. */
  tolerance?: (context: ToleranceContext) => number | undefined | Promise<number | undefined>
}

export interface ToleranceContext {
  settings: Settings
  /** What earlier phases reported in addition to their figures. */
  extra: Readonly<Record<string, unknown>>
  /** With its external data; loaded on first use. */
  readonly model: OnnxModel
  /** One per input of the model. */
  inputs: readonly Values[]
  /** Outputs of the float model. */
  outputs: readonly RunOutput[]
  /** Runs another model, such as this one with the prover's rounding applied. */
  infer: (model: OnnxModel, inputs: readonly ArrayLike<number>[]) => Promise<readonly RunOutput[]>
}

/** The format of the input file that a prover reads, if it is not `{"input":[…]}`. */
export interface InputFormat {
  /** File name inside the iteration's folder. */
  file: string
  encode: (inputs: readonly PortValues[], settings: Settings) => Uint8Array | string
}

/** What a prover and a definition of one state alike. */
export interface ProverTraits {
  /** One line: the proof system. */
  title: string
  input?: InputFormat
  /** Lines that `read` needs: those that match one of these are kept however long the output gets. */
  keep?: RegExp | readonly RegExp[]
  /** ONNX operators that it supports, unless the located program lists its own; absent: compile finds out. */
  operators?: readonly string[]
  /** What else in a model it does not support, in words; found in the headers, before compile. */
  refuse?: (model: OnnxModel) => string | undefined
  /** Peak of the largest phase in MB, if the prover has a rule. */
  predictPeakMb?: (model: Workload, settings: Settings) => number | undefined
  /** Absent: 0 is accepted, 1 is rejected. */
  verifyExit?: VerifyExit
  /**
   * How to forge its proof and the proved output; what is left out is not applicable. Without `tamper`, single bytes of
   * the proof are changed, and an accepted change is a warning, not a verdict.
   */
  tamper?: { proof?: Forgery; output?: Forgery }
  provedOutput?: ProvedOutput
}

/**
 * One prover: how to find it, the command of each phase, and what its output and artifacts mean. It never spawns a
 * phase, measures or writes rows itself.
 */
export interface Prover extends ProverTraits {
  name: string
  /** Options in addition to `bin` and `threads` that a spec may set (`NAME,KEY=VALUE`), with their defaults. */
  options?: z.ZodObject
  /** Whether the number of threads of its phases can be set (`settings.threads`); absent: it can. */
  threads?: boolean
  /** Parameters of a point that its commands name: a point that lacks one is refused. */
  params?: readonly string[]
  security: Security
  /**
   * Finds the prover; builds or downloads it if provemark can.
   * @throws ProvemarkError PROVER_NOT_FOUND or PROVER_SETUP_FAILED, with the command that fixes it.
   */
  locate: (options: LocateOptions) => Promise<LocatedProver>
  artifacts: Readonly<Record<string, ArtifactSpec>>
  /** The phases that it has, at least one. What it lacks has no rows and no figures. */
  phases: Readonly<Partial<Record<Phase, PhaseSpec>>>
  /** Its functions run in one Node process, which imports the module once: for phases with `run`. */
  warm?: boolean
  /** The program that its requests and clients talk to. */
  service?: Service
  /** Counters that its first phase always prints; a missing one is named in the row. */
  counters?: readonly string[]
  /**
   * All that it reports, each in at least one phase: `time`, `memory`, `spans` or `spans.NAME`, and `counters` if they are
   * others than those listed there. A row names what no phase reported. Absent: nobody knows.
   */
  figures?: readonly string[]
  read: (output: string, phase: Phase, files: Files) => PhaseReport | Promise<PhaseReport>
}

/** The phases that a prover has, in order. Its first one reports the counters of the circuit. */
export function phasesOf({ phases }: Pick<Prover, 'phases'>): Phase[] {
  return PHASES.filter((phase) => phases[phase])
}
