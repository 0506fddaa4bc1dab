import { inspect } from 'node:util'
import { dropControls } from './lib/text.ts'

/**
 * Every error that a user can see has one of these codes. A code never changes its meaning. docs/errors.md is generated
 * from this table.
 */
export const ERROR_CODES = {
  NODE_UNSUPPORTED: 'Provemark does not run on this version of Node.',
  CONFIG_INVALID: 'The config, the environment or the flags do not describe a plan that can run.',
  NO_ROWS: 'A run or a file has no rows, so there is nothing to report or judge.',
  ROW_INVALID: 'A row that was about to be written does not match the schema.',
  ROWS_UNREADABLE: 'A results file cannot be read, or a line of it is not a row.',
  ROWS_CONFLICT: 'Two files, or the two sides of a merge, disagree on the same iteration of the same run.',
  MODEL_UNREADABLE: 'A file is not an ONNX model, is damaged, or cannot be read.',
  MODEL_UNSUPPORTED: 'The model has an operator or a shape that this step cannot handle.',
  INPUT_INVALID: 'An input file does not match the model.',
  FILE_EXISTS: 'A file that provemark did not write is where it has to write one.',
  FILE_UNWRITABLE: 'A file or a folder cannot be written.',
  PROVER_NOT_FOUND: 'The prover, or something it needs, is not on this machine.',
  PROVER_SETUP_FAILED: 'Building or downloading a prover failed.',
  PROVER_UNKNOWN: 'No prover has that name.',
  PROVER_INVALID: 'The definition of a prover contradicts itself.',
  PLAN_CHANGED: 'The plan, a prover, a model or an input has changed since the run that is to be resumed.',
  DISK_FULL: 'The disk has no room for the artifacts of a point or of an iteration.',
  RUN_LOCKED:
    'Another run is using this machine, or the run to resume is still going: only one run at a time.',
  SPAWN_FAILED: 'The command of a phase could not be started.',
  LAUNCHER_UNUSABLE: 'The program given as --launcher does not start anything.',
  LAUNCHER_LOST: 'The process that starts and measures a phase ended before the phase did.',
  SERVICE_FAILED:
    'The service of a prover could not be used: it did not start, was not ready in time, or ended too early.',
  PHASE_FAILED: 'The command of a phase ended with a non-zero exit code or by a signal.',
  PHASE_TIMEOUT: 'A phase took longer than its timeout and was ended.',
  PHASE_CANCELLED: 'A phase was ended because the run was cancelled.',
  MARKS_INVALID:
    'The marks of a process that runs several phases do not show where each one begins and ends.',
  OUT_OF_MEMORY: 'A phase was ended because memory ran out or it reached its memory limit.',
  ARTIFACT_MISSING: 'A phase succeeded but did not write a file that it has to write.',
  COUNTER_MISSING: 'A prover did not print a counter that it declares.',
  FIGURE_MISSING:
    'A time, memory, counter or span that a prover looks for in its output was found in no phase of a point.',
  THREADS_EXCEEDED: 'A phase used more CPUs than the number of threads that its prover was given.',
  PAGE_CACHE_PARTIAL:
    'Over 1 % of what a phase reads was not in the state that --page-cache asks for, because another process holds it.',
  PAGE_CACHE_UNAVAILABLE:
    'The state that --page-cache asks for is not available: on this filesystem, for this file, or without the monitor.',
  BASELINE_MISSING: 'There is no baseline, or it has no row for a point that is to be judged.',
  BASELINE_DOUBTFUL:
    'A run was not added to the baseline, because others disturbed it or it is slower than the baseline.',
  BUILD_FAILED: 'The build of one side of a comparison failed.',
  OUTPUT_UNREADABLE: 'A prover printed a value that cannot be read as a number.',
  OPERATOR_UNSUPPORTED: 'The prover does not support an operator of the model, so the point was skipped.',
  MODEL_TOO_LARGE:
    "By the prover's own rule or the rows of smaller points, the model needs more memory than is free, so it was skipped.",
  FORGERY_ACCEPTED: 'A verifier accepted a proof or an output that was tampered with.',
  OUTPUT_MISMATCH: 'The proved output differs from the float model by more than quantisation explains.',
  EARLIER_PHASE_FAILED: 'A phase was skipped because an earlier phase of its iteration did not succeed.',
} as const

export type ErrorCode = keyof typeof ERROR_CODES

interface ProvemarkErrorOptions extends ErrorOptions {
  /** What the user can do next, as a sentence or a command. */
  hint?: string
}

/** An error with a stable code: what went wrong, where, what was expected and given, and a next step. */
export class ProvemarkError extends Error {
  override readonly name = 'ProvemarkError'
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, { hint, ...options }: ProvemarkErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.hint = hint
  }
}

/** One thing that is wrong with what a user wrote. */
export interface Problem {
  /** The flag, the variable or the config path: `--depth-max`. */
  where: string
  expected: string
  /** As the user wrote it; absent if nothing was given. */
  given?: string
  hint?: string | undefined
}

/** Ten thousand wrong values usually have one cause. */
const MAX_LISTED = 50

/** `2 problems, nothing was run`, and each of them on a line. */
export function listProblems(problems: readonly Problem[], context: string): string {
  const lines = [...new Set(problems.map(describeProblem))]
  const count = lines.length === 1 ? '1 problem' : `${lines.length} problems`
  const shown = lines.slice(0, MAX_LISTED)
  if (lines.length > shown.length) shown.push(`and ${lines.length - shown.length} more`)
  return `${count}${context}\n${shown.map((line) => `  - ${line}`).join('\n')}`
}

function describeProblem({ where, expected, given, hint }: Problem): string {
  const fault = `${cutText(where)}: expected ${expected}${given === undefined ? '' : `, given ${cutText(given)}`}`
  return hint ? `${fault} (${cutText(hint, MAX_HINT)})` : fault
}

/** Errors quote user input up to this length. */
export const MAX_QUOTED = 200

/** A hint quotes input too, and its advice comes last. */
const MAX_HINT = 800

export function cutText(text: string, most = MAX_QUOTED): string {
  return text.length > most ? `${text.slice(0, most)}…` : text
}

/** Formats an error for people: code, message, and the next step on its own line. */
export function formatError(error: unknown): string {
  if (!(error instanceof ProvemarkError))
    return dropControls(error instanceof Error ? error.message : String(error))
  return dropControls(`${error.code}: ${error.message}${error.hint ? `\n  next: ${error.hint}` : ''}`)
}

/**
 * Vitest prints errors during its start with their internals. This one shows only what is wrong, not where it was
 * thrown.
 */
export class RefusedRun extends Error {
  constructor(cause: ProvemarkError) {
    super(formatError(cause), { cause })
  }

  [inspect.custom](): string {
    return this.message
  }
}
