import { sum } from 'simple-statistics'
import { formatCount } from '../row/metrics.ts'
import type { RowCollector } from './collect.ts'
import type { ReportData } from './data.ts'
import { embedJson, Html, html, renderTime } from './html.ts'
import { renderConditions } from './page-conditions.ts'
import { renderFailures } from './page-failures.ts'
import { renderLaws, renderSpeedUps, renderSummary } from './page-summary.ts'

interface HeadOptions {
  title: string
  style: string
  /** Base64 SHA-256 of the script: the page allows no other script. */
  scriptSha256: string
}

/** The start of the page, before the rows. Blocks loading anything from outside the file, whatever the rows contain. */
export function renderHead({ title, style, scriptSha256 }: HeadOptions): string {
  const policy = `default-src 'none'; script-src 'sha256-${scriptSha256}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`
  return html`<!doctype html>
    <html lang="en" data-theme="auto">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="provemark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body></body>
    </html> `.text
}

/** Packed rows as base64, so that nothing in them can end the element. */
export function renderChunk(base64: string): string {
  return `<script type="text/plain" class="row-chunk">${base64}</script>\n`
}

/** The rest of the page. */
export function renderBody(data: ReportData, now: RowCollector, script: string): string {
  const hasFailures = data.points.now.some(({ failures }) => failures.length > 0)
  return html`<a class="skip" href="#summary">Skip to the summary</a>
    <header>
      <h1>${data.title}</h1>
      ${renderFacts(data, now.rows)}
      <div id="theme"></div>
    </header>
    <nav aria-label="Sections">
      <ul>
        ${SECTIONS.filter(({ id }) => id !== 'failures' || hasFailures).map(
          ({ id, title }) => html`<li><a href="#${id}">${title}</a></li> `,
        )}
      </ul>
    </nav>
    <main>
      <noscript
        ><p class="note">
          The plots and the table of rows need JavaScript; the summary and the failures do not.
        </p></noscript
      >
      ${data.notes.map((note) => html`<p class="note">${note}</p>`)} ${renderSummary(data)}
      ${renderFailures(data, now)}
      ${SECTIONS.filter(({ intro }) => intro !== undefined).map(
        ({ id, title, intro }) =>
          html`<section id="${id}" aria-labelledby="${id}-title">
            <h2 id="${id}-title">${title}</h2>
            <p class="intro">${intro}</p>
            ${id === 'scaling' && renderLaws(data)} ${id === 'threads' && renderSpeedUps(data.points.now)}
          </section> `,
      )}
      ${renderConditions(data)}
    </main>
    <script type="application/json" id="report-data">
      ${embedJson(data)}
    </script>
    ${new Html(`<script>${script}</script>`)}
    </body>
    </html> `.text
}

const SECTIONS: { id: string; title: string; intro?: string }[] = [
  { id: 'summary', title: 'Summary' },
  { id: 'failures', title: 'Failures' },
  {
    id: 'scaling',
    title: 'Scaling',
    intro:
      'Large signs are medians, small dots samples. Bars are 95 % intervals of the median where there are enough samples, else (pale) the range. A line joins points of one family; dashed is the law fitted to their medians. Hollow and dotted: the baseline.',
  },
  {
    id: 'shares',
    title: 'Phases',
    intro:
      'Where the time of a proof goes: medians of the phases, and their sum on the right. The lower half of a bar shows what happened inside a phase, if the prover tells.',
  },
  {
    id: 'threads',
    title: 'Threads',
    intro:
      'How much faster each phase is with more threads: medians over those with the fewest threads. Bars are 95 % bootstrap intervals of the ratio.',
  },
  {
    id: 'provers',
    title: 'Provers',
    intro:
      'The same models under each prover, on a logarithmic scale. On the right: the largest over the smallest.',
  },
  {
    id: 'baseline',
    title: 'Baseline',
    intro:
      'Medians now over those of the baseline. Bars are 99 % bootstrap intervals of the ratio; coloured where they leave "no change" out. The gate judges; this only shows.',
  },
  {
    id: 'history',
    title: 'Over time',
    intro:
      'Medians of every run relative to the first one, oldest on the left, named by commit. Diamonds are changes of level: a rank test with p of at most 0.01 and a change of 3 % or more (it takes a dozen runs to show one), for totalCost any change at all.',
  },
  {
    id: 'rows',
    title: 'All rows',
    intro:
      'Every row of every run in the files. Click a head to sort, a number on the left for all of a row.',
  },
  { id: 'conditions', title: 'Conditions' },
]

function renderFacts({ points, runs, run_count }: ReportData, rows: number): Html {
  const shown = runs.filter(({ is_now }) => is_now)
  const ok = sum(points.now.map((point) => point.ok))
  const all = sum(points.now.map((point) => point.rows))
  const ended = shown
    .flatMap((run) => run.ended ?? [])
    .toSorted()
    .at(-1)
  const facts = [
    [formatCount(points.now.length), points.now.length === 1 ? 'point' : 'points'],
    [formatCount(ok), ok === 1 ? 'row ok' : 'rows ok'],
    [formatCount(all - ok), 'not ok'],
    [formatCount(run_count), run_count === 1 ? 'run' : 'runs'],
    [formatCount(rows), rows === 1 ? 'row in all' : 'rows in all'],
  ]
  return html`<p class="facts">
    ${facts.map(
      ([figure, what]) =>
        html`<span class="${what === 'not ok' && figure !== '0' ? 'bad' : ''}"
          ><b>${figure}</b> ${what}</span
        > `,
    )}${ended && html`<span>ended ${renderTime(ended)}</span>`}
  </p>`
}
