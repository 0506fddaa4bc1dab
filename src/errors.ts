import { dropControls } from './printable.ts'

/**
 * Every error that a user may meet has one of these codes. A code never changes its meaning;
 * docs/errors.md is made from this table.
 */
export const ERROR_CODES = {
  NODE_UNSUPPORTED: 'This version of Node is none that provemark runs on.',
  CONFIG_INVALID: 'The config, the environment or the flags do not describe a plan that can run.',
  NO_ROWS: 'A run or a file holds no row, so there is nothing to report or to judge.',
  ROW_INVALID: 'A row that is to be written does not fit the schema of rows.',
  ROWS_UNREADABLE: 'A results file cannot be read, or a line of it is not a row.',
  ROWS_CONFLICT: 'Files, or the two sides of a merge, tell the same iteration of the same run differently.',
  MODEL_UNREADABLE: 'A file is not an ONNX model, or is damaged.',
  MODEL_UNSUPPORTED: 'The model holds an operator or a shape that this step cannot handle.',
  INPUT_INVALID: 'An input file does not fit the model.',
  FILE_EXISTS: 'A file that provemark did not make stands where it has to write one.',
  FILE_UNWRITABLE: 'A file or a folder cannot be written.',
  PROVER_NOT_FOUND: 'The prover, or something it needs, is not on this machine.',
  PROVER_SETUP_FAILED: 'Building or downloading a prover failed.',
  PROVER_UNKNOWN: 'No prover has that name.',
  PROVER_INVALID: 'The definition of a prover contradicts itself.',
  PLAN_CHANGED: 'The run that is to go on had another plan, other provers, models or inputs.',
  DISK_FULL: 'The disk has no room for the artifacts of a point or of an iteration.',
  RUN_LOCKED: 'Another run holds this machine, or the run that is to go on has not stopped: one at a time.',
  SPAWN_FAILED: 'The command of a phase could not be started.',
  LAUNCHER_UNUSABLE: 'The program that phases are to be started behind starts nothing.',
  LAUNCHER_LOST: 'The process that starts and measures a phase ended before the phase did.',
  PHASE_FAILED: 'The command of a phase ended with a non-zero exit code or by a signal.',
  PHASE_TIMEOUT: 'A phase took longer than its timeout and was ended.',
  PHASE_CANCELLED: 'A phase was ended because the run was cancelled.',
  OUT_OF_MEMORY: 'A phase was ended because memory ran out or its limit was reached.',
  ARTIFACT_MISSING: 'A phase ended well and did not write a file that it has to write.',
  COUNTER_MISSING: 'A prover did not print a counter that its format is known to print.',
  BASELINE_MISSING: 'There is no baseline, or none of its rows is of a point that is to be judged.',
  GATE_UNDECIDABLE: 'A plan repeats phases too rarely for its budgets to be judged.',
  BUILD_FAILED: 'The build of one side of a comparison failed.',
  OUTPUT_UNREADABLE: "A prover's output holds something that its reader cannot make a figure of.",
  OPERATOR_UNSUPPORTED: 'The prover does not prove an operator of the model, so the point was skipped.',
  MODEL_TOO_LARGE:
    "By the prover's own rule or the rows of smaller points the model needs more memory than is free: it was skipped.",
  FORGERY_ACCEPTED: 'A verifier accepted a proof or an output that was tampered with.',
  OUTPUT_MISMATCH: 'The proved output differs from the float model by more than quantisation explains.',
  EARLIER_PHASE_FAILED: 'A phase was skipped because an earlier phase of its iteration did not end well.',
} as const

export type ErrorCode = keyof typeof ERROR_CODES

export interface ProvemarkErrorOptions extends ErrorOptions {
  /** What the user can do next, as a sentence or a command. */
  hint?: string
}

/** An error with a stable code and a next step: what went wrong, where, what was expected and given. */
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

/** The error as a person reads it: code, message, and the next step on a line of its own. */
export function formatError(error: unknown): string {
  if (!(error instanceof ProvemarkError))
    return dropControls(error instanceof Error ? error.message : String(error))
  return dropControls(`${error.code}: ${error.message}${error.hint ? `\n  next: ${error.hint}` : ''}`)
}
