import type { Row, Status } from './schema.ts'

/**
 * How a phase ended, also for rows without `status`. A row with status ok and a nonzero exit code failed; a row with
 * neither an exit code nor a time ran nothing. A published figure counts as ok: nobody publishes one of a failed phase.
 */
export function readOutcome({ status, return_code, time_s, reported }: Row): Status {
  if (reported) return status ?? 'ok'
  if (status && status !== 'ok') return status
  if (return_code != null) return return_code === 0 ? 'ok' : 'failed'
  if (status === 'ok') return 'ok'
  return time_s == null ? 'skipped' : 'failed'
}

/**
 * What `time_s` of a row means: wall clock, of a process or between its marks, or the time reported by the prover (as
 * in rows of `jst bench`).
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

const FORM = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)? ?([Zz]|[+-]\d{2}(?::?\d{2})?)?$/
const OUR_LENGTH = '2026-01-02T03:00:00.000Z'.length

/**
 * Normalizes a timestamp so that texts sort as the times do: UTC to the millisecond, whatever its zone. A timestamp
 * without a zone gets no Z. Null if it is not a time.
 */
export function normalizeTime(timestamp: string | null | undefined): string | null {
  if (!timestamp) return null
  if (timestamp.length === OUR_LENGTH && timestamp.endsWith('Z')) return timestamp
  const [, date, time, seconds = ':00', zone = ''] = FORM.exec(timestamp.trim()) ?? []
  if (!date) return null
  const ms = Date.parse(`${date}T${time}${seconds}${offsetOf(zone)}`)
  if (Number.isNaN(ms)) return null
  const utc = new Date(ms).toISOString()
  return zone ? utc : utc.slice(0, -1)
}

/** `+05:30` of `+0530`, `+05:00` of `+05`. */
function offsetOf(zone: string): string {
  const [sign, ...digits] = zone.replace(':', '')
  if (digits.length === 0) return 'Z'
  const [a, b, c = '0', d = '0'] = digits
  return `${sign}${a}${b}:${c}${d}`
}

/** Whether a normalized time names no zone, so that its UTC value is unknown. */
export function hasNoZone(time: string): boolean {
  return !time.endsWith('Z')
}
