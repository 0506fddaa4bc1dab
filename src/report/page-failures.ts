import type { ReportData } from './data.ts'
import type { FailedRow } from './failed-rows.ts'
import { type Html, html, renderTable, renderTime } from './html.ts'

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
