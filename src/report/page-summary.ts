import { placeOf } from '../row/families.ts'
import { formatShare } from '../row/proved.ts'
import { describeMetric, type MetricId, sizeMetric } from '../row/metrics.ts'
import { PHASES } from '../row/phases.ts'
import type { ReportData, ReportPoint } from './data.ts'
import { type Html, html, type HtmlColumn, renderTable } from './html.ts'
import { figureOf, listMetrics, MEMORIES, TIMES, TOTAL_COST } from './metrics.ts'
import { describeLaw } from './plots/law.ts'
import { direction, formatChange, formatIn } from './plots/units.ts'

/** The shown points as tables that need no script. */
export function renderSummary(data: ReportData): Html {
  return html`<section id="summary" aria-labelledby="summary-title">
    <h2 id="summary-title">Summary</h2>
    ${renderPoints(data)} ${renderLatencies(data.points.now)} ${renderAccuracy(data.points.now)}
    ${renderWarnings(data.points.now)}
  </section>`
}

function renderPoints({ points: { now }, ratios }: ReportData): Html {
  const byPlace = new Map(ratios.map((ratio) => [`${ratio.point} ${ratio.metric}`, ratio]))
  const hasProvers = new Set(now.map(({ prover }) => prover)).size > 1
  const hasReported = now.some(({ isReported }) => isReported)
  const metrics = [...TIMES, TOTAL_COST, sizeMetric('proof')].filter((metric) =>
    now.some((point) => figureOf(point, metric)),
  )
  type Item = ReportPoint & { index: number }
  const showFigure = (point: Item, metric: MetricId | undefined, value: number | undefined) => {
    if (metric === undefined || value === undefined) return null
    const { unit, kind, phase } = describeMetric(metric)
    const ratio = byPlace.get(`${point.index} ${metric}`)
    const isDisturbed =
      kind === 'time' && point.warnings.some((own) => own.isDisturbed && own.phase === phase)
    return [
      formatIn(unit, value),
      ratio &&
        ratio.ratio !== 1 &&
        html`<small class="${direction(ratio)}">${formatChange(ratio.ratio)}</small>`,
      isDisturbed && html`<small class="worse">disturbed</small>`,
    ]
  }
  return renderTable<Item>({
    label: 'Table of the points',
    className: 'summary',
    caption: [
      'Medians of the time of each phase, the highest peak memory of any phase, and what the circuit holds',
      ratios.length > 0 && '; below them the change from the baseline',
      `. ${describeCounts(now)}`,
      hasReported && ' Reported figures were published by others, not measured here.',
    ],
    rowClass: ({ isReported }) => (isReported ? 'reported' : ''),
    items: now.map((point, index) => ({ ...point, index })),
    columns: [
      {
        head: 'point',
        cell: ({ name, isReported }) => [name, isReported && html` <span class="badge">reported</span>`],
      },
      ...(hasProvers ? [{ head: 'prover', cell: ({ prover }: Item) => prover }] : []),
      {
        head: 'parameters',
        isNumber: true,
        cell: (point) => placeOf(point, 'param_count')?.toLocaleString('en-US'),
      },
      ...metrics.map((metric) => ({
        head: headOf(metric),
        isNumber: true,
        cell: (point: Item) => showFigure(point, metric, figureOf(point, metric)?.median),
      })),
      {
        head: 'peak memory',
        isNumber: true,
        cell: (point) => {
          const metric = findPeak(point)
          return showFigure(point, metric, metric === undefined ? undefined : figureOf(point, metric)!.worst)
        },
      },
      {
        head: 'rows ok',
        isNumber: true,
        mark: ({ ok, rows }) => (ok < rows ? 'bad' : ''),
        cell: ({ ok, rows }) => `${ok} of ${rows}`,
      },
    ],
  })
}

/** What n and the intervals of the shown points count. */
function describeCounts(points: readonly ReportPoint[]): string {
  const runs = Math.max(...points.map((own) => own.runs))
  return runs > 1
    ? `Intervals count the iterations of up to ${runs} runs, pooled: over runs, provemark table has those of the medians of the runs.`
    : 'Intervals count the iterations of one run.'
}

function headOf(metric: MetricId): string {
  const { kind, of, phase, name } = describeMetric(metric)
  return kind === 'size' ? `${of} size` : (phase ?? of ?? name)
}

function findPeak(point: ReportPoint): MetricId | undefined {
  const worstOf = (metric: MetricId) => figureOf(point, metric)!.worst
  return MEMORIES.filter((metric) => figureOf(point, metric)).toSorted((a, b) => worstOf(b) - worstOf(a))[0]
}

/** The law of every figure that grows, with its residuals. */
export function renderLaws({ groups, points }: ReportData): Html | undefined {
  const laws = groups
    .filter(({ side }) => side === 'now')
    .flatMap(({ axis, label, laws: own }) =>
      listMetrics(points.now).flatMap(({ id, title }) =>
        Object.hasOwn(own, id) ? [{ axis, label, title, law: own[id]! }] : [],
      ),
    )
  if (laws.length === 0) return undefined
  return html`<details>
    <summary>${laws.length} ${laws.length === 1 ? 'law' : 'laws'} with their residuals</summary>
    ${renderTable<(typeof laws)[number]>({
      label: 'Table of laws',
      caption:
        'Power laws fitted to the logarithms of the medians; c is a constant term, where the points ask for one by AICc. A figure that may as well be constant has no law. The residual is the typical factor between a point and the law.',
      items: laws,
      columns: [
        { head: 'figure', cell: ({ title }) => title },
        { head: 'of', cell: ({ label }) => label },
        { head: 'grows as (95 % interval)', cell: ({ law, axis }) => describeLaw(law, axis) },
        { head: 'R²', isNumber: true, cell: ({ law }) => law.r_squared.toFixed(3) },
        { head: 'residual', isNumber: true, cell: ({ law }) => `×${law.residual_factor.toFixed(2)}` },
        { head: 'points', isNumber: true, cell: ({ law }) => law.n },
      ],
    })}
  </details>`
}

/** A table with a row for each item of each point; none if no point has any. */
function renderItems<Item extends object>(
  points: readonly ReportPoint[],
  itemsOf: (point: ReportPoint) => readonly Item[],
  table: { label: string; caption: string; columns: readonly HtmlColumn<Item>[] },
): Html | undefined {
  const items = points.flatMap((point) =>
    itemsOf(point).map((own) => ({ ...own, name: point.name, prover: point.prover })),
  )
  if (items.length === 0) return undefined
  return renderTable<(typeof items)[number]>({
    ...table,
    items,
    columns: [
      { head: 'point', cell: ({ name }) => name },
      { head: 'prover', cell: ({ prover }) => prover },
      ...table.columns,
    ],
  })
}

function renderLatencies(points: readonly ReportPoint[]): Html | undefined {
  const seconds = (value: number | null) => (value === null ? null : formatIn('s', value))
  return renderItems(points, ({ latencies }) => latencies, {
    label: 'Table of latencies',
    caption:
      'Latency of provers that stay loaded: percentiles of the time of each answer, without the start.',
    columns: [
      { head: 'phase', cell: ({ phase }) => phase },
      { head: 'answers', isNumber: true, cell: ({ n }) => n },
      { head: 'loaded in', isNumber: true, cell: ({ load_s }) => seconds(load_s) },
      { head: 'p50', isNumber: true, cell: ({ p50 }) => seconds(p50) },
      { head: 'p95', isNumber: true, cell: ({ p95 }) => seconds(p95) },
      { head: 'p99', isNumber: true, cell: ({ p99 }) => seconds(p99) },
    ],
  })
}

/** The error of the proved outputs against the float model. */
function renderAccuracy(points: readonly ReportPoint[]): Html | undefined {
  return renderItems(points, ({ accuracy }) => accuracy, {
    label: 'Table of accuracy',
    caption:
      'Accuracy: error of the proved outputs against the float model, as a fraction of the range of its outputs.',
    columns: [
      { head: 'inputs', isNumber: true, cell: ({ inputs }) => inputs },
      { head: 'at most', isNumber: true, cell: ({ max_error }) => formatShare(max_error) },
      { head: 'on average', isNumber: true, cell: ({ mean_error }) => formatShare(mean_error) },
      {
        head: 'same top-1',
        isNumber: true,
        cell: ({ top1 }) => (top1 === undefined ? null : formatShare(top1)),
      },
    ],
  })
}

export function renderSpeedUps(points: readonly ReportPoint[]): Html | undefined {
  return renderItems(points, ({ speedups }) => speedups, {
    label: 'Table of speed-ups',
    caption: 'Efficiency is the speed-up divided by the growth of the number of threads.',
    columns: [
      { head: 'phase', cell: ({ phase }) => phase },
      { head: 'threads', isNumber: true, cell: ({ threads, base }) => `${threads} over ${base}` },
      { head: 'speed-up', isNumber: true, cell: ({ speedup }) => `×${speedup.toFixed(2)}` },
      {
        head: '95 % interval',
        isNumber: true,
        cell: ({ lo, hi }) => (lo === null || hi === null ? null : `${lo.toFixed(2)} to ${hi.toFixed(2)}`),
      },
      { head: 'efficiency', isNumber: true, cell: ({ efficiency }) => `${Math.round(100 * efficiency)} %` },
    ],
  })
}

const MAX_WARNINGS = 50

/** What a reader should know about the figures, beginning with disturbance by other programs. */
function renderWarnings(points: readonly ReportPoint[]): Html | undefined {
  const hasProvers = new Set(points.map(({ prover }) => prover)).size > 1
  const all = points
    .flatMap(({ name, prover, warnings }) =>
      warnings.map((own) => ({ ...own, of: hasProvers && prover ? `${name}, ${prover}` : name })),
    )
    .toSorted(
      (a, b) =>
        Number(b.isDisturbed) - Number(a.isDisturbed) || PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase),
    )
  if (all.length === 0) return undefined
  const disturbed = all.filter(({ isDisturbed }) => isDisturbed).length
  const more = all.length - MAX_WARNINGS
  return html`<details>
    <summary>
      ${all.length} ${all.length === 1 ? 'remark' : 'remarks'} on these
      figures${disturbed > 0 && `, ${disturbed} of them on phases that other programs disturbed`}
    </summary>
    <ul>
      ${all.slice(0, MAX_WARNINGS).map(({ of, phase, message }) => html`<li>${of}, ${phase}: ${message}</li>`)}
      ${more > 0 && html`<li>and ${more} more, in the rows</li>`}
    </ul>
  </details>`
}
