import { clockedKey, pointName } from '../row/identity.ts'
import { readOutcome } from '../row/outcome.ts'
import type { Row } from '../row/schema.ts'
import type { RowCollector } from './collect.ts'
import type { ReportData } from './data.ts'
import { type Html, html, renderTable, renderTime } from './html.ts'
import { firstSeries } from './points.ts'

/** Everything that failed: each kind with its count, then single rows with the end of their output. */
export function renderFailures({ points }: ReportData, now: RowCollector): Html | null {
  const kinds = points.now.flatMap(({ name, prover, failures }) =>
    failures.flatMap(({ phase, groups }) => groups.map((group) => ({ name, prover, phase, ...group }))),
  )
  if (kinds.length === 0) return null
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
            const end = describeEnd({ signal, return_code })
            return [code, message ?? end].filter(Boolean).join(': ')
          },
        },
      ],
    })}
    ${now.failed.map((row) => renderRow(row, labelOf(row, now)))}
  </section>`
}

/** The name of a row's variant, as in the other tables. */
function labelOf(row: Row, { points }: RowCollector): string | null {
  return firstSeries(points.get(clockedKey(row))!).label
}

function describeEnd({ return_code, signal }: Pick<Row, 'return_code' | 'signal'>): string | null {
  if (signal) return `ended by ${signal}`
  return return_code == null ? null : `exit code ${return_code}`
}

const MAX_TEXT = 4000

function renderRow(row: Row, prover: string | null): Html {
  const { phase, iteration, timestamp, error, cmd } = row
  const title = [pointName(row), prover, phase, iteration != null && `iteration ${iteration}`]
    .filter(Boolean)
    .join(' · ')
  const status = readOutcome(row).replaceAll('_', ' ')
  const why = [error?.code, (error?.message ?? describeEnd(row))?.slice(0, MAX_TEXT)]
  return html`<details class="failure">
    <summary>${title}: <span class="bad">${status}</span></summary>
    <p>${why.filter(Boolean).join(': ')}${timestamp && html` ${renderTime(timestamp)}`}</p>
    ${cmd && html`<pre><code>${cmd.join(' ').slice(0, MAX_TEXT)}</code></pre>`}
    ${error?.tail && html`<pre>${error.tail.slice(-MAX_TEXT)}</pre>`}
  </details> `
}
