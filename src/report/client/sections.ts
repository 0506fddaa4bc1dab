import type { ReportData } from '../data.ts'
import type { Drawing } from '../plots/frame.ts'
import { listHistory } from '../plots/history.ts'
import { listContests } from '../plots/provers.ts'
import { listRatios } from '../plots/ratios.ts'
import { listAxes, listScaling, type Scale } from '../plots/scaling.ts'
import { listShares } from '../plots/shares.ts'
import { listSpeedUps } from '../plots/speedups.ts'
import { label } from '../plots/style.ts'
import type { Axis } from '../../row/families.ts'
import { type Metric, spanOf } from '../../row/metrics.ts'
import { byId, h, makeChoice } from './dom.ts'
import { showFigures } from './figure.ts'

/** Fills the sections of the plots. A section with nothing to show is removed, and so is its link. */
export function fillSections(data: ReportData): void {
  fillScaling(data)
  fillPlain('shares', listShares(data))
  fillPlain('threads', listSpeedUps(data))
  fillPlain('provers', listContests(data))
  fillPlain('baseline', listRatios(data))
  fillPlain('history', listHistory(data))
}

function fillPlain(id: string, drawings: readonly Drawing[]): void {
  if (drawings.length === 0) return removeSection(id)
  const grid = h('div', { class: 'grid' })
  byId(id).append(grid)
  showFigures(grid, drawings)
}

function removeSection(id: string): void {
  byId(id).remove()
  document.querySelector(`nav li:has(a[href="#${id}"])`)?.remove()
}

/** The headings of the scaling plots, which are grouped by kind of figure. */
const KINDS: Readonly<Record<string, string>> = {
  time: 'Time',
  cpu: 'CPU time',
  memory: 'Peak memory',
  size: 'Sizes',
  counter: 'Circuit',
  span: 'Inside the phases',
}
const kindOf = ({ kind, name }: Metric) => (spanOf(name) === null ? kind : 'span')

function fillScaling(data: ReportData): void {
  const axes = listAxes(data).filter((own) => listScaling(data, own, 'log').length > 0)
  let axis = axes[0]
  if (!axis) return removeSection('scaling')
  let scale: Scale = 'log'
  const body = h('div')
  const show = () => showKinds(body, data, axis!, scale)
  const controls = h(
    'div',
    { class: 'controls' },
    makeChoice(
      'Over',
      axes.map((value) => ({ value, label: value === 'param_count' ? 'parameters' : label(value, 30) })),
      axis,
      (value) => {
        axis = value
        show()
      },
    ),
    makeChoice(
      'Scale',
      [
        { value: 'log', label: 'logarithmic' },
        { value: 'linear', label: 'linear' },
      ],
      scale,
      (value) => {
        scale = value
        show()
      },
    ),
  )
  byId('scaling').append(controls, body)
  show()
}

function showKinds(body: HTMLElement, data: ReportData, axis: Axis, scale: Scale): void {
  const all = listScaling(data, axis, scale)
  body.replaceChildren(
    ...Object.entries(KINDS).flatMap(([kind, title]) => {
      const drawings = all.filter(({ metric }) => kindOf(metric) === kind)
      if (drawings.length === 0) return []
      const grid = h('div', { class: 'grid', 'data-kind': kind })
      showFigures(grid, drawings)
      return [h('h3', {}, title), grid]
    }),
  )
}
