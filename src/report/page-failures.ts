import { labelVariants, partsKey, pointName, type Variant, variantOf } from '../row/identity.ts'
import { readOutcome, runOf } from '../row/outcome.ts'
import type { Phase, Row, Status } from '../row/schema.ts'
import type { ReportData } from './data.ts'
import { type Html, html, renderTable, renderTime } from './html.ts'

export interface FailedRow {
  run: string | null
  point: string
  prover: string | null
  variant: Variant
  phase: Phase
  iteration: number | null
  status: Status
  timestamp: string | null
  code: string | null
  message: string | null
  tail: string | null
  cmd: string | null
}

const MAX_ROWS = 100
const MAX_TEXT = 4000

/** Keeps the last failed rows, so that each can be shown with the end of its output. */
export class FailedRows {
  readonly #rows: FailedRow[] = []
  readonly #variants = new Map<string, Variant>()
  #last: Variant | undefined
  /** Number of all failed rows by run, kept or not. */
  readonly counts = new Map<string | null, number>()

  add(row: Row): void {
    const variant = variantOf(row)
    if (variant !== this.#last)
      this.#variants.set(`${variant.prover} ${partsKey(row)}`, (this.#last = variant))
    const status = readOutcome(row)
    if (status === 'ok') return
    const run = runOf(row)
    this.counts.set(run, (this.counts.get(run) ?? 0) + 1)
    this.#rows.push(describe(row, status))
    if (this.#rows.length > MAX_ROWS) this.#rows.shift()
  }

  /** Named by what differs between the variants of all rows. */
  list(): readonly FailedRow[] {
    const labelOf = labelVariants(this.#variants.values())
    return this.#rows.map((row) => ({ ...row, prover: labelOf(row.variant) }))
  }
}

function describe(row: Row, status: Status): FailedRow {
  return {
    run: runOf(row),
    point: pointName(row),
    prover: row.prover?.name ?? null,
    variant: variantOf(row),
    phase: row.phase,
    iteration: row.iteration ?? null,
    status,
    timestamp: row.timestamp ?? null,
    code: row.error?.code ?? null,
    message: cutEnd(row.error?.message ?? describeEnd(row)),
    tail: row.error?.tail ? row.error.tail.slice(-MAX_TEXT) : null,
    cmd: cutEnd(row.cmd?.join(' ')),
  }
}

function describeEnd({ return_code, signal }: Row): string | null {
  if (signal) return `ended by ${signal}`
  return return_code == null ? null : `exit code ${return_code}`
}

const cutEnd = (text: string | null | undefined) => text?.slice(0, MAX_TEXT) ?? null

/** Everything that failed: each kind with its count, then single rows with the end of their output. */
export function renderFailures({ points, runs }: ReportData, failed: readonly FailedRow[]): Html | null {
  const kinds = points.now.flatMap(({ name, prover, failures }) =>
    failures.flatMap(({ phase, groups }) => groups.map((group) => ({ name, prover, phase, ...group }))),
  )
  if (kinds.length === 0) return null
  const shown = new Set(runs.filter(({ is_now }) => is_now).map(({ id }) => id))
  const rows = failed.filter(({ run }) => shown.has(run))
  return html`<section id="failures" aria-labelledby="failures-title">
    <h2 id="failures-title">Failures</h2>
    ${renderTable<(typeof kinds)[number]>({
      label: 'Table of failures',
      caption: 'Rows that did not succeed. No statistic counts them.',
      items: kinds,
      columns: [
        { head: 'point', cell: ({ name }) => name },
        { head: 'prover', cell: ({ prover }) => prover },
        { head: 'phase', cell: ({ phase }) => phase },
        { head: 'how', mark: () => 'bad', cell: ({ status }) => status.replaceAll('_', ' ') },
        { head: 'rows', isNumber: true, cell: ({ count }) => count },
        {
          head: 'iterations',
          cell: ({ iterations, count }) => `${iterations.join(', ')}${count > iterations.length ? ' …' : ''}`,
        },
        {
          head: 'why',
          cell: ({ code, message, signal, return_code }) => {
            const end = signal ? `ended by ${signal}` : return_code !== null && `exit code ${return_code}`
            return [code, message ?? end].filter(Boolean).join(': ')
          },
        },
      ],
    })}
    ${rows.map(renderRow)}
  </section>`
}

function renderRow({
  point,
  prover,
  phase,
  iteration,
  status,
  timestamp,
  code,
  message,
  tail,
  cmd,
}: FailedRow): Html {
  const title = [point, prover, phase, iteration !== null && `iteration ${iteration}`]
    .filter(Boolean)
    .join(' · ')
  return html`<details class="failure">
    <summary>${title}: <span class="bad">${status.replaceAll('_', ' ')}</span></summary>
    <p>${[code, message].filter(Boolean).join(': ')}${timestamp && html` ${renderTime(timestamp)}`}</p>
    ${cmd && html`<pre><code>${cmd}</code></pre>`} ${tail && html`<pre>${tail}</pre>`}
  </details> `
}
