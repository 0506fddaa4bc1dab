import type { ReportData } from './data.ts'
import type { FailedRow } from './failed-rows.ts'
import { type Html, html, renderTime } from './html.ts'

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
    <div class="scroll" tabindex="0" role="region" aria-label="Table of failures">
      <table>
        <caption>
          Rows that did not succeed. No statistic counts them.
        </caption>
        <thead>
          <tr>
            <th scope="col">point</th>
            <th scope="col">prover</th>
            <th scope="col">phase</th>
            <th scope="col">how</th>
            <th scope="col" class="number">rows</th>
            <th scope="col">iterations</th>
            <th scope="col">why</th>
          </tr>
        </thead>
        <tbody>
          ${kinds.map(
            ({ name, prover, phase, status, code, count, iterations, message, return_code, signal }) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td>${prover ?? '—'}</td>
                <td>${phase}</td>
                <td class="bad">${status.replaceAll('_', ' ')}</td>
                <td class="number">${count}</td>
                <td>${iterations.join(', ')}${count > iterations.length ? ' …' : ''}</td>
                <td>
                  ${[code, message ?? (signal ? `ended by ${signal}` : return_code !== null && `exit code ${return_code}`)].filter(Boolean).join(': ')}
                </td>
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
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
