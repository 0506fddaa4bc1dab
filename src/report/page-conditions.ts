import type { ReportData, RunInfo } from './data.ts'
import { type Html, html, renderTable, renderTime } from './html.ts'
import { describeCommit } from './machine.ts'

/** The conditions under which the figures were measured: machine, provers, settings and runs. */
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
    ${renderTable<RunInfo>({
      label: 'Table of runs',
      caption:
        'Runs, newest first. The plots show the marked ones; the others are in "Over time" and in the rows.',
      items: runs.toReversed(),
      rowClass: (run) => (run.is_now ? 'now' : ''),
      columns: [
        {
          head: 'run',
          cell: (run) => [
            run.id ?? 'rows without a run id',
            run.is_now && html` <span class="badge">shown</span>`,
          ],
        },
        { head: 'commit', cell: describeCommit },
        { head: 'started', cell: ({ started }) => started && renderTime(started) },
        { head: 'ended', cell: ({ ended }) => ended && renderTime(ended) },
        { head: 'rows', isNumber: true, cell: (run) => run.rows },
        {
          head: 'not ok',
          isNumber: true,
          mark: (run) => (run.ok < run.rows ? 'bad' : ''),
          cell: (run) => run.rows - run.ok,
        },
        { head: 'machine', cell: ({ machine }) => machine },
      ],
    })}
  </section>`
}
