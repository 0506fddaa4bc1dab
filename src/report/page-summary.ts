import { describeMetric, type MetricId, sizeMetric } from '../row/metrics.ts'
import type { BaselineRatio, ReportData, ReportPoint } from './data.ts'
import { type Html, html } from './html.ts'
import { figureOf, MEMORIES, TIMES, TOTAL_COST } from './metrics.ts'
import { direction, formatChange, formatIn } from './plots/units.ts'

/** The shown points as a table that needs no script. */
export function renderSummary(data: ReportData): Html {
  const { now } = data.points
  const ratios = new Map(data.ratios.map((ratio) => [`${ratio.point} ${ratio.metric}`, ratio]))
  const proverCount = new Set(now.map(({ prover }) => prover)).size
  const has = (metric: MetricId) => now.some((point) => figureOf(point, metric))
  const metrics = [...TIMES, TOTAL_COST, sizeMetric('proof')].filter(has)
  return html`<section id="summary" aria-labelledby="summary-title">
    <h2 id="summary-title">Summary</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Table of the points">
      <table class="summary">
        <caption>
          Medians of the time of each phase, the highest peak memory of any phase, and what the circuit
          holds${data.ratios.length ? '; below them the change from the baseline' : ''}.
        </caption>
        <thead>
          <tr>
            <th scope="col">point</th>
            ${proverCount > 1 && html`<th scope="col">prover</th>`}
            <th scope="col" class="number">parameters</th>
            ${metrics.map((metric) => html`<th scope="col" class="number">${headOf(metric)}</th>`)}
            <th scope="col" class="number">peak memory</th>
            <th scope="col" class="number">rows ok</th>
          </tr>
        </thead>
        <tbody>
          ${now.map(
            (point, i) =>
              html`<tr>
                <th scope="row">${point.name}</th>
                ${proverCount > 1 && html`<td>${point.prover ?? '—'}</td>`}
                <td class="number">${point.places.param_count?.toLocaleString('en-US') ?? '—'}</td>
                ${metrics.map((metric) => renderCell(point, metric, ratios.get(`${i} ${metric}`)))}
                ${renderPeak(point, i, ratios)}
                <td class="number ${point.ok < point.rows ? 'bad' : ''}">${point.ok} of ${point.rows}</td>
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
    ${renderAccuracy(now)} ${renderSpeedUps(now)} ${renderWarnings(now)}
  </section>`
}

function headOf(metric: MetricId): string {
  const { kind, of, phase, name } = describeMetric(metric)
  return kind === 'size' ? `${of} size` : (phase ?? of ?? name)
}

function renderCell(point: ReportPoint, metric: MetricId, ratio: BaselineRatio | undefined): Html {
  const figure = figureOf(point, metric)
  if (!figure) return html`<td class="number">—</td>`
  return html`<td class="number">
    ${formatIn(describeMetric(metric).unit, figure.median)}${renderRatio(ratio)}
  </td>`
}

function renderPeak(point: ReportPoint, index: number, ratios: ReadonlyMap<string, BaselineRatio>): Html {
  const peaks = MEMORIES.flatMap((metric) => {
    const figure = figureOf(point, metric)
    return figure ? [{ metric, peak: figure.worst }] : []
  }).toSorted((a, b) => b.peak - a.peak)
  const [highest] = peaks
  if (!highest) return html`<td class="number">—</td>`
  return html`<td class="number">
    ${formatIn('MB', highest.peak)}${renderRatio(ratios.get(`${index} ${highest.metric}`))}
  </td>`
}

function renderRatio(ratio: BaselineRatio | undefined): Html | undefined | false {
  return (
    ratio &&
    ratio.ratio !== 1 &&
    html`<small class="${direction(ratio)}">${formatChange(ratio.ratio)}</small>`
  )
}

/** How far the proved outputs are off the float model. */
function renderAccuracy(points: readonly ReportPoint[]): Html | undefined {
  const compared = points.filter(({ accuracy }) => accuracy.length)
  if (compared.length === 0) return undefined
  return html`<details>
    <summary>Outputs compared with the float model</summary>
    <ul>
      ${compared.map(({ name, accuracy }) => html`<li>${name}: ${accuracy.join(', ')}</li>`)}
    </ul>
  </details>`
}

function renderSpeedUps(points: readonly ReportPoint[]): Html | undefined {
  const lines = points.flatMap(({ name, prover, speedups }) =>
    speedups.map((own) => ({ name, prover, ...own })),
  )
  if (lines.length === 0) return undefined
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of speed-ups">
    <table>
      <caption>
        Speed-up of each phase over the fewest threads: ratio of the medians, with a 95 % bootstrap interval.
        Efficiency is the speed-up divided by the growth of the number of threads.
      </caption>
      <thead>
        <tr>
          <th scope="col">point</th>
          <th scope="col">prover</th>
          <th scope="col">phase</th>
          <th scope="col" class="number">threads</th>
          <th scope="col" class="number">speed-up</th>
          <th scope="col" class="number">95 % interval</th>
          <th scope="col" class="number">efficiency</th>
        </tr>
      </thead>
      <tbody>
        ${lines.map(
          ({ name, prover, phase, threads, base, speedup, lo, hi, efficiency }) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td>${prover ?? '—'}</td>
              <td>${phase}</td>
              <td class="number">${threads} over ${base}</td>
              <td class="number">×${speedup.toFixed(2)}</td>
              <td class="number">
                ${lo === null || hi === null ? '—' : `${lo.toFixed(2)} to ${hi.toFixed(2)}`}
              </td>
              <td class="number">${Math.round(100 * efficiency)} %</td>
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`
}

const MAX_WARNINGS = 50

function renderWarnings(points: readonly ReportPoint[]): Html | undefined {
  const all = points.flatMap(({ name, warnings }) => warnings.map((warning) => `${name}, ${warning}`))
  if (all.length === 0) return undefined
  const more = all.length - MAX_WARNINGS
  return html`<details>
    <summary>${all.length} ${all.length === 1 ? 'remark' : 'remarks'} on these figures</summary>
    <ul>
      ${all.slice(0, MAX_WARNINGS).map((warning) => html`<li>${warning}</li>`)}
      ${more > 0 && html`<li>and ${more} more, in the rows</li>`}
    </ul>
  </details>`
}
