import { pointName } from '../row/identity.ts'
import { cpuTimes, describeMetric, type Metric } from '../row/metrics.ts'
import { readOutcome, hasNoZone, normalizeTime } from '../row/outcome.ts'
import type { Row } from '../row/schema.ts'
import { describeSettings } from './machine.ts'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

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
    ({ prover, side }) =>
      [prover?.name, prover?.version, side && `(${side})`].filter(Boolean).join(' ') || null,
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

const compress = promisify(gzip)

/** Rows per chunk: more compress better, fewer need less memory. */
const CHUNK_ROWS = 8192

/** Rows by column: numbers as they are, texts as a list of distinct values and an index per row. */
export interface RowChunk {
  rows: number
  numbers: Record<string, (number | null)[]>
  texts: Record<string, { values: string[]; codes: (number | null)[] }>
}

/** Packs streamed rows for the report as columns, gzip and base64, which no text of a row can break out of. */
export class RowPacker {
  #chunk = startChunk()
  #lists = new Map<string, Map<string, number>>()

  /** The packed chunk, if this row filled it. */
  add(row: Row): Promise<string> | undefined {
    for (const { id, kind, read } of ROW_COLUMNS) {
      const value = read(row) ?? null
      if (kind !== 'text') this.#chunk.numbers[id]!.push(value as number | null)
      else this.#chunk.texts[id]!.codes.push(value === null ? null : this.#encode(id, value as string))
    }
    return ++this.#chunk.rows === CHUNK_ROWS ? this.flush() : undefined
  }

  /** The remaining rows, packed; undefined if there are none. */
  flush(): Promise<string> | undefined {
    const chunk = this.#chunk
    if (chunk.rows === 0) return undefined
    this.#chunk = startChunk()
    this.#lists = new Map()
    return pack(chunk)
  }

  #encode(id: string, value: string): number {
    const values = this.#chunk.texts[id]!.values
    let codes = this.#lists.get(id)
    if (!codes) this.#lists.set(id, (codes = new Map()))
    let code = codes.get(value)
    if (code === undefined) {
      code = values.push(value) - 1
      codes.set(value, code)
    }
    return code
  }
}

async function pack(chunk: RowChunk): Promise<string> {
  return (await compress(JSON.stringify(chunk), { level: 3 })).toString('base64')
}

function startChunk(): RowChunk {
  const idsOf = (isText: boolean) =>
    ROW_COLUMNS.filter(({ kind }) => (kind === 'text') === isText).map(({ id }) => id)
  return {
    rows: 0,
    numbers: Object.fromEntries(idsOf(false).map((id) => [id, []])),
    texts: Object.fromEntries(idsOf(true).map((id) => [id, { values: [], codes: [] }])),
  }
}
