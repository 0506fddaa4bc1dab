import type { Row, Status } from './schema.ts'

/**
 * How a phase ended, for rows without `status` too. A row that says ok beside an exit code other than 0 did not
 * end well; one with neither a code nor a time ran nothing.
 */
export function readOutcome({ status, return_code, time_s }: Row): Status {
  if (status && status !== 'ok') return status
  if (return_code != null) return return_code === 0 ? 'ok' : 'failed'
  if (status === 'ok') return 'ok'
  return time_s == null ? 'skipped' : 'failed'
}

/** What `time_s` of a row means: wall clock, or the time that the prover reported (the reference's rows). */
export type Clock = 'wall' | 'prover'

// A row of ours for which nothing ran has no clock; it belongs to those of the run that did.
export function readClock({ time_source, time_s, schema }: Row): Clock {
  return time_source === 'wall' || (time_s == null && schema != null) ? 'wall' : 'prover'
}
