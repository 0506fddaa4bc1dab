import type { Row, Status } from './schema.ts'

/**
 * How a phase ended, also for rows without `status`. A row with status ok and a nonzero exit code failed; a row with
 * neither an exit code nor a time ran nothing. Nobody publishes a figure of a phase that failed.
 */
export function readOutcome({ status, return_code, time_s, reported }: Row): Status {
  if (reported) return status ?? 'ok'
  if (status && status !== 'ok') return status
  if (return_code != null) return return_code === 0 ? 'ok' : 'failed'
  if (status === 'ok') return 'ok'
  return time_s == null ? 'skipped' : 'failed'
}

/**
 * What `time_s` of a row means: wall clock, of a process or between its marks, or the time reported by the prover (as in
 * the reference's rows).
 */
export type Clock = 'wall' | 'prover'

// A provemark row for a phase that never ran has no clock. It is grouped with the rows of its run that do.
export function readClock({ time_source, time_s, schema }: Row): Clock {
  const isWall = time_source === 'wall' || time_source === 'marks'
  return isWall || (time_s == null && schema != null) ? 'wall' : 'prover'
}

/** The run that a row belongs to. All rows without a run id form one run with id null. */
export function runOf({ run_id }: Row): string | null {
  return run_id ?? null
}
