import { pointName } from '../row/identity.ts'
import { cpuTimes, describeMetric, type Metric } from '../row/metrics.ts'
import { readOutcome, hasNoZone, normalizeTime } from '../row/outcome.ts'
import type { Row } from '../row/schema.ts'
import { describeSettings, describeVersion } from './machine.ts'

export interface RowColumn {
  id: string
  label: string
  /** 'time' holds milliseconds since 1970. */
  kind: 'text' | 'number' | 'time'
  unit?: Metric['unit']
  read: (row: Row) => string | number | null | undefined
}

// The table shows one line of a message. The full text is with the failures and in the rows themselves.
const MAX_TEXT = 300

const text = (id: string, label: string, read: (row: Row) => string | null | undefined): RowColumn => ({
  id,
  label,
  kind: 'text',
  read: (row) => read(row)?.slice(0, MAX_TEXT),
})
const number = (
  id: string,
  label: string,
  unit: Metric['unit'],
  read: (row: Row) => number | null | undefined,
) => ({ id, label, unit, kind: 'number', read }) satisfies RowColumn
const field = (id: keyof Row & string, label: string) =>
  number(id, label, describeMetric(id).unit, (row) => row[id] as number | null)

/** The columns of the report's table of rows. */
export const ROW_COLUMNS: readonly RowColumn[] = [
  text('status', 'status', readOutcome),
  text('point', 'point', pointName),
  text('phase', 'phase', ({ phase }) => phase),
  field('iteration', 'iteration'),
  field('time_s', 'time'),
  field('mem_mb', 'memory'),
  number('cpu_s', 'CPU time', 's', (row) => cpuTimes(row)[0]),
  number('totalCost', 'totalCost', '', ({ ecc }) => ecc?.['totalCost']),
  field('circuit_size_bytes', 'circuit'),
  field('witness_size_bytes', 'witness'),
  field('proof_size_bytes', 'proof'),
  text(
    'prover',
    'prover',
    ({ prover, side }) => [describeVersion(prover), side && `(${side})`].filter(Boolean).join(' ') || null,
  ),
  text('settings', 'settings', describeSettings),
  text('track', 'track', ({ track }) => track),
  field('param_count', 'parameters'),
  text('run', 'run', ({ run_id }) => run_id),
  text('commit', 'commit', ({ machine }) => machine?.commit?.slice(0, 8)),
  { id: 'timestamp', label: 'ended', kind: 'time', read: ({ timestamp }) => parseTime(timestamp) },
  field('return_code', 'exit code'),
  text('error', 'error', ({ error }) => error && `${error.code}: ${error.message}`),
]

function parseTime(timestamp: string | null | undefined): number | null {
  const time = normalizeTime(timestamp)
  // Without a zone it would be read as local time, which differs between machines.
  const ms = time ? Date.parse(hasNoZone(time) ? `${time}Z` : time) : NaN
  return Number.isNaN(ms) ? null : ms
}
