import type { ReportData } from './data.ts'
import { type Html, html, renderTime } from './html.ts'
import { describeCommit } from './machine.ts'

/** The conditions that the figures hold under: machine, provers, settings and runs. */
export function renderConditions({
  conditions: { machines, provers, settings, differences },
  runs,
}: ReportData): Html {
  const facts: [string, string[]][] = [
    [machines.length > 1 ? 'machines' : 'machine', machines],
    [provers.length > 1 ? 'provers' : 'prover', provers],
    ['settings', settings],
  ]
  return html`<section id="conditions" aria-labelledby="conditions-title">
    <h2 id="conditions-title">Conditions</h2>
    ${machines.length > 1 && html`<p class="note">Figures of more than one machine stand beside each other here.</p>`}
    ${
      differences.length > 0 &&
      html`<p class="note">
        The provers prove different things: ${differences.join('; ')}. Ratios between them compare different
        statements.
      </p>`
    }
    <dl>
      ${facts
        .filter(([, values]) => values.length > 0)
        .map(
          ([name, values]) =>
            html`<dt>${name}</dt>
              ${values.map((value) => html`<dd>${value}</dd>`)} `,
        )}
    </dl>
    <div class="scroll" tabindex="0" role="region" aria-label="Table of runs">
      <table>
        <caption>
          Runs, newest first. The plots show the marked ones; the others are in "Over time" and in the rows.
        </caption>
        <thead>
          <tr>
            <th scope="col">run</th>
            <th scope="col">commit</th>
            <th scope="col">started</th>
            <th scope="col">ended</th>
            <th scope="col" class="number">rows</th>
            <th scope="col" class="number">not ok</th>
            <th scope="col">machine</th>
          </tr>
        </thead>
        <tbody>
          ${runs.toReversed().map(
            (run) =>
              html`<tr class="${run.is_now ? 'now' : ''}">
                <th scope="row">
                  ${run.id ?? 'rows without a run id'}${run.is_now && html` <span class="badge">shown</span>`}
                </th>
                <td>${describeCommit(run) ?? '—'}</td>
                <td>${run.started ? renderTime(run.started) : '—'}</td>
                <td>${run.ended ? renderTime(run.ended) : '—'}</td>
                <td class="number">${run.rows}</td>
                <td class="number ${run.ok < run.rows ? 'bad' : ''}">${run.rows - run.ok}</td>
                <td>${run.machine ?? '—'}</td>
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}
